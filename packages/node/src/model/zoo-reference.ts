import {
  type EncodedModel,
  encodeModel,
  externaliseWeights,
  InvalidInputError,
  type ModelProto,
  UnsupportedError,
  zooModel,
  zooNames,
} from '@tandem/core';
import { digestRanges } from './digest-ranges.ts';
import type { LoadedModel } from './load-model.ts';
import { nearestFirst } from './nearest-first.ts';

/** What can be chosen about a built-in network. */
export interface ZooOptions {
  /** Side of the square input in pixels. @default the published one */
  readonly resolution?: number | undefined;
  /** @default 1000, or the published number */
  readonly classes?: number | undefined;
  /** Of its generated weights. @default 1 */
  readonly seed?: number | undefined;
}

/** A built-in network; its weights are generated when they are read. */
export function loadZooModel(name: string, options: ZooOptions): LoadedModel {
  const known = zooNames.find((candidate) => candidate === name);
  if (known === undefined) throw unknownName(name);
  const model = zooModel(known, withoutUndefined(options));
  const encoded = encodeZoo(model);
  let digest: Promise<string> | null = null;
  return {
    name: known,
    model,
    path: null,
    sizeBytes: encoded.sizeBytes,
    digest: () => {
      digest ??= digestRanges(encoded.ranges);
      return digest;
    },
    close: async () => undefined,
  };
}

/** One file, or where that would pass protobuf's 2 GiB, the model and then the weights that would lie beside it. */
function encodeZoo(model: ModelProto): EncodedModel {
  try {
    return encodeModel(model);
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    const apart = externaliseWeights(model, { location: 'weights.bin' });
    const head = encodeModel(apart.model);
    return {
      sizeBytes: head.sizeBytes + apart.weights.sizeBytes,
      ranges: [...head.ranges, ...apart.weights.ranges],
    };
  }
}

type Present<Options> = { readonly [Key in keyof Options]: Exclude<Options[Key], undefined> };

function withoutUndefined(options: ZooOptions): Present<ZooOptions> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function unknownName(name: string): InvalidInputError {
  const nearest = nearestFirst(name, zooNames);
  return new InvalidInputError(
    `There is no built-in network '${name}'; the nearest is '${nearest[0]}'.`,
    `Choose one of ${nearest.map((candidate) => `zoo:${candidate}`).join(', ')}.`,
  );
}
