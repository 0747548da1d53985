import { existsSync } from 'node:fs';
import { InvalidInputError, type ModelProto, zooNames } from '@tandem/core';
import { loadModelFile } from './model-file.ts';
import { loadZooModel, type ZooOptions } from './zoo-reference.ts';

/** A model by reference: its weights are read from where they lie, when they are read. */
export interface LoadedModel {
  /** The file's name without '.onnx', or the zoo's name. */
  readonly name: string;
  readonly model: ModelProto;
  /** Absolute path of the file; null for a model of the zoo. */
  readonly path: string | null;
  /** The file and its external data, or the encoded zoo model. */
  readonly sizeBytes: number;
  /**
   * SHA-256 in lower-case hexadecimal, computed at the first call: of the file; of the encoded model for the zoo, its weights last where
   * they do not fit in one file; for a model with external data, of the canonical JSON of all its files' digests.
   */
  digest(): Promise<string>;
  /** Closes its files: nothing may read the weights afterwards. Idempotent. */
  close(): Promise<void>;
}

const zooPrefix = 'zoo:';

/**
 * Loads the model that `reference` names: the path of an ONNX file (any size, external data beside it), or 'zoo:NAME' for one of the
 * built-in networks, which the options shape. Throws InvalidInputError when there is no such model, it is malformed, or options are
 * given for a file.
 */
export async function loadModel(reference: string, options: ZooOptions = {}): Promise<LoadedModel> {
  if (reference.startsWith(zooPrefix)) return loadZooModel(reference.slice(zooPrefix.length), options);
  const given = Object.entries(options).find(([, value]) => value !== undefined);
  if (given === undefined) {
    if (isZooName(reference) && !existsSync(reference)) throw prefixMissing(reference);
    return loadModelFile(reference);
  }
  throw new InvalidInputError(
    `The option ${given[0]} shapes built-in networks only, and ${reference} is a file.`,
    `Leave the option out or name a network as '${zooPrefix}NAME'.`,
  );
}

const isZooName = (reference: string): boolean => zooNames.some((name) => name === reference);

function prefixMissing(name: string): InvalidInputError {
  return new InvalidInputError(
    `There is no file ${name}.`,
    `For the built-in network of that name, write ${zooPrefix}${name}.`,
  );
}
