import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  encodeModel,
  externaliseWeights,
  extractNodes,
  type Graph,
  InvalidInputError,
  type ModelProto,
  nodeRanges,
  nodesInRanges,
  singleTensorCuts,
  stageBoundary,
  type ValueType,
} from '@tandem/core';
import { writeEncoded } from '../files/write-encoded.ts';
import type { InputTensor } from '../input/picture-tensor.ts';
import { recordedName } from './node-times.ts';

/** A sub-model in a file, and what it takes. */
export interface SegmentFile {
  readonly path: string;
  readonly inputs: readonly InputTensor[];
}

/** The whole graph, then head and tail of every single-tensor cut, each once, as `nodeRanges`. */
export function measuredSegments(graph: Graph): string[] {
  const all = graph.nodes.map(({ id }) => id);
  const found = new Set([nodeRanges(all)]);
  for (const { nodes } of singleTensorCuts(graph)) {
    const before = new Set(nodes);
    found.add(nodeRanges(nodes)).add(nodeRanges(all.filter((id) => !before.has(id))));
  }
  return [...found];
}

/** Writes sub-models of one model, which share one file of weights: a segment's own file holds no weights. */
export class SegmentFiles {
  readonly #folder: string;
  readonly #graphs: ReadonlyMap<number, Graph>;
  readonly #model: ModelProto;

  private constructor(folder: string, graphs: ReadonlyMap<number, Graph>, model: ModelProto) {
    this.#folder = folder;
    this.#graphs = graphs;
    this.#model = model;
  }

  /** Writes the weights to `folder`. `graphs` are of `model`, by batch. */
  static async open(
    folder: string,
    model: ModelProto,
    graphs: ReadonlyMap<number, Graph>,
    signal: AbortSignal,
  ): Promise<SegmentFiles> {
    const { model: light, weights } = externaliseWeights(model, { location: 'weights.bin' });
    await mkdir(folder, { recursive: true });
    await writeEncoded(join(folder, 'weights.bin'), weights, { signal });
    return new SegmentFiles(folder, graphs, light);
  }

  /** Writes to `name` in the folder, over what is there. Throws InvalidInputError for a batch of which there is no graph. */
  async write(batch: number, segment: string, name = 'segment.onnx'): Promise<SegmentFile> {
    const graph = this.#graphs.get(batch);
    if (graph === undefined)
      throw new InvalidInputError(`there is no graph at batch ${batch}`, 'Give one with the others.');
    const nodes = nodesInRanges(segment, graph.nodes.length);
    const sources = nodes.flatMap((id) => graph.nodes[id]?.source ?? []);
    const path = join(this.#folder, name);
    const part = extractNodes(withKnownNames(this.#model, graph), {
      nodes: sources,
      typeOf: (name) => typeOf(graph, name),
    });
    await writeEncoded(path, encodeModel(part));
    const inputs = stageBoundary(graph, nodes).inputs.flatMap((id) => {
      const tensor = graph.tensors[id];
      return tensor === undefined ? [] : [{ name: tensor.name, type: tensor.type, shape: tensor.shape }];
    });
    return { path, inputs };
  }
}

function typeOf(graph: Graph, name: string): ValueType | null {
  const tensor = graph.tensors.find((candidate) => candidate.name === name);
  return tensor === undefined ? null : { kind: 'tensor', elementType: tensor.type, shape: tensor.shape };
}

/** Names that are unique and can be told apart again in the runtime's record. */
function withKnownNames(model: ModelProto, graph: Graph): ModelProto {
  const names = new Map(graph.nodes.map(({ id, source }) => [source, recordedName(id)]));
  const nodes = model.graph.nodes.map((node, index) => ({ ...node, name: names.get(index) ?? '' }));
  return { ...model, graph: { ...model.graph, nodes } };
}
