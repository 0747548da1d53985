import type { Random } from '../random.ts';
import { bytes, flops } from '../units.ts';
import type { Graph, Node, NodeId, Parameter, Tensor, TensorId } from './graph.ts';

/** `general` has skip connections, tensors with several consumers and nodes with two outputs. */
export type RandomGraphKind = 'chain' | 'series-parallel' | 'general';

export interface RandomGraphOptions {
  /** @default 'general' */
  readonly kind?: RandomGraphKind;
  /** Number of nodes, at least 1; 'series-parallel' and 'general' may add one node a merge. @default 10 */
  readonly nodes?: number;
  /** A tensor has between 4 and this many bytes, in steps of 4. @default 4096 */
  readonly maximumBytes?: number;
  /** A node does between 0 and this many operations. @default 1000 */
  readonly maximumFlops?: number;
  /** Share of nodes that do nothing at all, to try ties. @default 0 */
  readonly idle?: number;
  /** Share of parameters that an earlier node already reads. @default 0.1 */
  readonly sharedParameters?: number;
  /** Share of single-input nodes that are folded into their producer. @default 0 */
  readonly folded?: number;
}

/** The graph's input. */
const source: TensorId = 0;

/**
 * A graph with one input and one output in which every tensor but the output has a consumer: the ground on which planners are
 * tried. The same `random` gives the same graph. Tensors are float32 vectors.
 */
export function randomGraph(random: Random, options: RandomGraphOptions = {}): Graph {
  const draft = new Draft(random, options);
  const nodes = Math.max(1, options.nodes ?? 10);
  switch (options.kind ?? 'general') {
    case 'chain':
      growChain(draft, source, nodes);
      break;
    case 'series-parallel':
      growSeriesParallel(draft, random, source, nodes);
      break;
    case 'general':
      growGeneral(draft, random, nodes);
      break;
  }
  return draft.graph();
}

function growChain(draft: Draft, entry: TensorId, nodes: number): TensorId {
  let last = entry;
  for (let count = 0; count < nodes; count++) last = draft.add([last]);
  return last;
}

/** A series of single nodes and of blocks whose branches (one may be a bare skip connection) meet in a merge node. */
function growSeriesParallel(draft: Draft, random: Random, entry: TensorId, nodes: number): TensorId {
  let last = entry;
  for (let left = nodes; left > 0; ) {
    const share = Math.min(left, 1 + random.integer(6));
    last = share < 3 ? growChain(draft, last, share) : growBlock(draft, random, last, share);
    left -= share;
  }
  return last;
}

function growBlock(draft: Draft, random: Random, entry: TensorId, nodes: number): TensorId {
  const skip = random.next() < 0.4;
  const first = skip ? nodes : 1 + random.integer(nodes - 1);
  const ends = [growSeriesParallel(draft, random, entry, first)];
  ends.push(skip ? entry : growSeriesParallel(draft, random, entry, nodes - first));
  return draft.add(ends);
}

function growGeneral(draft: Draft, random: Random, nodes: number): void {
  for (let count = 0; count < nodes; count++) {
    const tensors = draft.tensorCount;
    const reads = new Set<TensorId>();
    for (let pick = 1 + random.integer(3); pick > 0; pick--) {
      reads.add(Math.max(0, tensors - 1 - random.integer(random.next() < 0.7 ? 3 : tensors)));
    }
    draft.add([...reads], random.next() < 0.15 ? 2 : 1);
  }
  const ends = draft.unread();
  if (ends.length > 1 || ends[0] === source) draft.add(ends);
}

interface DraftTensor {
  readonly bytes: number;
  readonly producer: NodeId | 'input';
  readonly consumers: NodeId[];
}

class Draft {
  readonly #random: Random;
  readonly #options: RandomGraphOptions;
  readonly #nodes: Node[] = [];
  readonly #tensors: DraftTensor[] = [];
  readonly #parameters: Parameter[] = [];

  constructor(random: Random, options: RandomGraphOptions) {
    this.#random = random;
    this.#options = options;
    this.#addTensor('input');
  }

  get tensorCount(): number {
    return this.#tensors.length;
  }

  /** Tensors that no node reads. */
  unread(): TensorId[] {
    return [...this.#tensors.keys()].filter((id) => this.#tensors[id]?.consumers.length === 0);
  }

  /** Adds a node that reads `inputs`; returns its last output. */
  add(inputs: readonly TensorId[], outputCount = 1): TensorId {
    const id = this.#nodes.length;
    for (const input of inputs) this.#tensors[input]?.consumers.push(id);
    const outputs = Array.from({ length: outputCount }, () => this.#addTensor(id));
    this.#nodes.push(this.#node(id, inputs, outputs));
    return outputs.at(-1) ?? source;
  }

  graph(): Graph {
    return {
      name: 'random',
      opset: 17,
      inputs: [source],
      outputs: this.unread(),
      nodes: this.#nodes,
      tensors: this.#tensors.map(tensorRow),
      parameters: this.#parameters,
    };
  }

  #node(id: NodeId, inputs: readonly TensorId[], outputs: readonly TensorId[]): Node {
    const foldedInto = this.#foldedInto(inputs, outputs);
    const idle = foldedInto !== null || this.#random.next() < (this.#options.idle ?? 0);
    const parameters = idle ? [] : this.#pickParameters();
    const size = parameters.reduce((sum, parameter) => sum + (this.#parameters[parameter]?.bytes ?? 0), 0);
    return {
      id,
      source: id,
      name: `node${id}`,
      op: foldedInto === null ? 'Test' : 'Identity',
      domain: 'test',
      attributes: {},
      inputs: [...inputs].sort((left, right) => left - right),
      outputs,
      parameters,
      flops: flops(idle ? 0 : this.#random.integer((this.#options.maximumFlops ?? 1000) + 1)),
      parameterBytes: bytes(size),
      workspaceBytes: bytes(idle ? 0 : 4 * this.#random.integer(64)),
      foldedInto,
    };
  }

  #foldedInto(inputs: readonly TensorId[], outputs: readonly TensorId[]): NodeId | null {
    const producer = this.#tensors[inputs[0] ?? source]?.producer;
    if (typeof producer !== 'number' || inputs.length !== 1 || outputs.length !== 1) return null;
    if (this.#random.next() >= (this.#options.folded ?? 0)) return null;
    return this.#nodes[producer]?.foldedInto ?? producer;
  }

  #pickParameters(): number[] {
    const shared = this.#random.next() < (this.#options.sharedParameters ?? 0.1);
    if (shared && this.#parameters.length > 0) return [this.#random.integer(this.#parameters.length)];
    if (this.#random.next() < 0.5) return [];
    const elements = 1 + this.#random.integer(1024);
    const id = this.#parameters.length;
    this.#parameters.push({ id, name: `weight${id}`, elements, bytes: bytes(4 * elements), learned: true });
    return [id];
  }

  #addTensor(producer: NodeId | 'input'): TensorId {
    const words = Math.max(1, Math.floor((this.#options.maximumBytes ?? 4096) / 4));
    this.#tensors.push({ bytes: 4 * (1 + this.#random.integer(words)), producer, consumers: [] });
    return this.#tensors.length - 1;
  }
}

function tensorRow(tensor: DraftTensor, id: TensorId): Tensor {
  return {
    id,
    name: tensor.producer === 'input' ? 'input' : `tensor${id}`,
    type: 'float32',
    shape: [tensor.bytes / 4],
    bytes: bytes(tensor.bytes),
    producer: tensor.producer,
    consumers: [...tensor.consumers],
  };
}
