import {
  bytes,
  type CreateSha256,
  type EncodedModel,
  encodedChunks,
  encodeModel,
  externaliseWeights,
  extractNodes,
  type Graph,
  InvalidInputError,
  type ModelProto,
  type Plan,
  type Stage,
  type ValueType,
} from '@tandem/core';
import { manifestOf } from './manifest.ts';
import type { PartManifest, SegmentManifest, SegmentSource } from './segment.ts';

/** One part of a segment, still by reference to where its bytes lie. */
export interface SegmentPart {
  /** 'model.onnx' or 'weights.bin' */
  readonly name: string;
  readonly encoded: EncodedModel;
}

export interface SegmentOptions {
  readonly model: ModelProto;
  readonly graph: Graph;
  readonly plan: Pick<Plan, 'stages'>;
}

/** From this size on, weights travel beside the model, so that an executor can map them from a file. */
const externalFromBytes = 2 ** 20;
const chunkBytes = 2 ** 20;

/**
 * The sub-models of a plan's stages, in the plan's order, ready to be sent. Weights stay where they lie until `chunks` is read; the first
 * look at a `manifest` reads its segment once, for the digests. Boundary tensors get the shapes of `graph`, but for stages with batches.
 * Throws InvalidInputError when a stage's nodes are not convex or not the model's.
 */
export function segmentSources(
  options: SegmentOptions & { readonly createSha256: CreateSha256 },
): SegmentSource[] {
  return segmentParts(options).map((parts) => segmentSource(parts, options.createSha256));
}

/** As gateways take them; the first look at the manifests reads the segments. */
export const segmentsByDigest = (sources: readonly SegmentSource[]): ReadonlyMap<string, SegmentSource> =>
  new Map(sources.map((source) => [source.manifest.digest, source]));

/** What `segmentSources` sends, a list of parts a stage, for writing to files: no byte is read and nothing digested. */
export function segmentParts(options: SegmentOptions): SegmentPart[][] {
  const fixed = typesOf(options.graph);
  return options.plan.stages.map((stage, index) => {
    const name = `${options.graph.name}/stage-${index + 1}`;
    const typeOf: typeof fixed = (tensor) =>
      stage.batch === undefined ? fixed(tensor) : withOpenBatch(fixed(tensor));
    return partsOf(extractNodes(options.model, { nodes: sourcesOf(options.graph, stage), typeOf, name }));
  });
}

function sourcesOf(graph: Graph, stage: Stage): number[] {
  return stage.nodes.map((id) => {
    const node = graph.nodes[id];
    if (node !== undefined) return node.source;
    throw new InvalidInputError(
      `The stage on ${stage.device} names node ${id}, but ${graph.name} has ${graph.nodes.length} nodes.`,
      'Plan again for this model.',
    );
  });
}

function typesOf(graph: Graph): (tensor: string) => ValueType | null {
  const types = new Map<string, ValueType>(
    graph.tensors.map(({ name, type, shape }) => [name, { kind: 'tensor', elementType: type, shape }]),
  );
  return (tensor) => types.get(tensor) ?? null;
}

/** The first extent is left open: one segment takes any number of requests. */
function withOpenBatch(type: ValueType | null): ValueType | null {
  if (type?.kind !== 'tensor' || type.shape === null) return type;
  return { ...type, shape: ['requests', ...type.shape.slice(1)] };
}

function partsOf(segment: ModelProto): SegmentPart[] {
  if (weightBytes(segment) < externalFromBytes)
    return [{ name: 'model.onnx', encoded: encodeModel(segment) }];
  const { model, weights } = externaliseWeights(segment, { location: 'weights.bin' });
  return [
    { name: 'model.onnx', encoded: encodeModel(model) },
    { name: 'weights.bin', encoded: weights },
  ];
}

function weightBytes(model: ModelProto): number {
  const sizes = model.graph.initializers.map(({ data }) => (data.kind === 'bytes' ? data.bytes.length : 0));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function segmentSource(parts: readonly SegmentPart[], createSha256: CreateSha256): SegmentSource {
  let manifest: SegmentManifest | null = null;
  return {
    get manifest(): SegmentManifest {
      manifest ??= measuredManifest(parts, createSha256);
      return manifest;
    },
    chunks: (name) => chunksOf(parts, name),
  };
}

/** Reads all bytes of the parts once. */
function measuredManifest(parts: readonly SegmentPart[], createSha256: CreateSha256): SegmentManifest {
  const rows = parts.map(({ name, encoded }): PartManifest => {
    const hash = createSha256();
    for (const chunk of encodedChunks(encoded, chunkBytes)) hash.update(chunk);
    return { name, sizeBytes: bytes(encoded.sizeBytes), digest: hash.hexadecimal() };
  });
  return manifestOf(rows, createSha256);
}

function chunksOf(parts: readonly SegmentPart[], name: string): Iterable<Uint8Array> {
  const part = parts.find((candidate) => candidate.name === name);
  if (part !== undefined) return encodedChunks(part.encoded, chunkBytes);
  throw new InvalidInputError(
    `The segment has no part '${name}', only ${parts.map((known) => known.name).join(' and ')}.`,
    'Ask for a part of its manifest.',
  );
}
