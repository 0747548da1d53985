import { type CostTables, linkIndex, occupiedSeconds } from '../../cost/cost-tables.ts';
import { type FoldGroup, foldGroups } from '../../graph/fold-groups.ts';
import type { NodeId, Tensor } from '../../graph/graph.ts';
import type { Problem } from '../../plan/problem.ts';
import type { FlowNetwork } from '../../search/flow/flow-network.ts';
import { type MaximumFlow, maximumFlow } from '../../search/flow/maximum-flow.ts';
import type { DevicePair } from '../two-stage-costs.ts';

/** How much each part of the sum counts; a transfer counts 1. */
export interface Weights {
  readonly first: number;
  readonly second: number;
}

export interface PartitionOptions {
  /**
   * False: as published, without the arcs that keep a producer beside or before its consumers. A cut may then run a node on the first
   * device that reads from the second, and the way back counts nothing. @default true
   */
  readonly downwardClosed?: boolean;
  /** Whether a transfer counts the time that it is on the way after its link is free again; a period does not. @default true */
  readonly delays?: boolean;
}

/** What an arc's capacity stands for, and so which weight applies. */
type Share = 'first' | 'second' | 'transfer';

const source = 0;
const sink = 1;

/**
 * DADS's flow network (Hu et al., INFOCOM 2019, section IV): the vertices on the source's side of a cut run on the first device, and
 * what the cut costs is Σ compute on the first + Σ transfers + Σ compute on the second. A vertex is a node with what is folded into it;
 * a tensor that several read has a vertex of its own, so that it is sent once.
 *
 * Differs from the paper in that the raw input is at the source (so leaving it costs its transfer), answers pay their way to the sink,
 * and arcs without limit lead from each reader back to its producer: without them, 16 to 40 % of random graphs get a partition that
 * sends tensors back free of charge. Takes O(V + E) to build.
 */
export class PartitionNetwork {
  readonly #problem: Problem;
  readonly #tables: CostTables;
  readonly #pair: DevicePair;
  readonly #groups: readonly FoldGroup[];
  readonly #groupOf: Int32Array;
  readonly #tails: number[] = [];
  readonly #heads: number[] = [];
  readonly #seconds: number[] = [];
  readonly #shares: Share[] = [];
  readonly #delays: boolean;
  #vertices: number;

  constructor(problem: Problem, tables: CostTables, pair: DevicePair, options: PartitionOptions = {}) {
    this.#problem = problem;
    this.#tables = tables;
    this.#pair = pair;
    this.#delays = options.delays ?? true;
    this.#groups = foldGroups(problem.graph);
    this.#vertices = 2 + this.#groups.length;
    this.#groupOf = new Int32Array(problem.graph.nodes.length);
    for (const group of this.#groups) for (const node of group.nodes) this.#groupOf[node] = group.index;
    for (const group of this.#groups) this.#addCompute(group);
    for (const tensor of problem.graph.tensors) this.#addTensor(tensor, options.downwardClosed ?? true);
  }

  /** The least weighted sum, and the nodes that the first device runs in the two extremal cuts that have it. */
  leastCuts(weights: Weights): { value: number; fewest: readonly NodeId[]; most: readonly NodeId[] } {
    const flow: MaximumFlow = maximumFlow(this.network(weights));
    return { value: flow.value, fewest: this.#nodes(flow.nearSource), most: this.#nodes(flow.nearSink) };
  }

  /** Of which a minimum cut is the least weighted sum. */
  network(weights: Weights): FlowNetwork {
    const weightOf = { ...weights, transfer: 1 };
    return {
      vertices: this.#vertices,
      source,
      sink,
      tails: this.#tails,
      heads: this.#heads,
      capacities: this.#seconds.map((time, arc) => time * weightOf[this.#shares[arc] ?? 'transfer']),
    };
  }

  #nodes(side: Uint8Array): NodeId[] {
    const chosen = this.#groups.filter(({ index }) => side[2 + index] === 1);
    return chosen.flatMap(({ nodes }) => nodes).sort((left, right) => left - right);
  }

  #addCompute(group: FoldGroup): void {
    const { first, second } = this.#pair;
    this.#addArc(source, 2 + group.index, this.#computeSeconds(group, second), 'second');
    this.#addArc(2 + group.index, sink, this.#computeSeconds(group, first), 'first');
  }

  #addTensor(tensor: Tensor, downwardClosed: boolean): void {
    const { first, second } = this.#pair;
    const isInput = tensor.producer === 'input';
    const from = isInput ? source : this.#vertexOf(tensor.producer);
    const readers = new Set(tensor.consumers.map((node) => this.#vertexOf(node)));
    readers.delete(from);
    const isAnswer = this.#problem.graph.outputs.includes(tensor.id);
    const wantedAt = this.#problem.workload.sink;
    if (isAnswer && !isInput) {
      this.#addArc(
        source,
        from,
        wantedAt === second ? 0 : this.#transferSeconds(tensor, second, wantedAt),
        'transfer',
      );
      if (wantedAt !== second)
        this.#addArc(from, sink, this.#transferSeconds(tensor, first, wantedAt), 'transfer');
    }
    if (isAnswer && wantedAt === second) readers.add(sink);
    if (readers.size === 0) return;
    this.#addReaders(from, readers, this.#leavingSeconds(tensor, isInput));
    if (!downwardClosed || isInput) return;
    for (const reader of readers)
      if (reader !== sink) this.#addArc(reader, from, Number.POSITIVE_INFINITY, 'transfer');
  }

  #addReaders(from: number, readers: ReadonlySet<number>, seconds: number): void {
    const [only] = readers;
    if (readers.size === 1 && only !== undefined) return this.#addArc(from, only, seconds, 'transfer');
    const sent = this.#vertices++;
    this.#addArc(from, sent, seconds, 'transfer');
    for (const reader of readers) this.#addArc(sent, reader, Number.POSITIVE_INFINITY, 'transfer');
  }

  #leavingSeconds(tensor: Tensor, isInput: boolean): number {
    if (isInput && this.#problem.constraints.neverLeaveRawInput) return Number.POSITIVE_INFINITY;
    return this.#transferSeconds(tensor, this.#pair.first, this.#pair.second);
  }

  #transferSeconds(tensor: Tensor, from: string, to: string): number {
    if (from === to) return 0;
    const link = this.#tables.transfer.links[linkIndex(this.#tables.transfer, from, to)];
    if (link === undefined) return Number.POSITIVE_INFINITY;
    return occupiedSeconds(link, tensor.bytes) + (this.#delays ? link.delaySeconds : 0);
  }

  #computeSeconds(group: FoldGroup, device: string): number {
    const row = this.#tables.compute.seconds[this.#tables.compute.devices.indexOf(device)] ?? [];
    return group.nodes.reduce((sum, node) => sum + (row[node] ?? 0), 0);
  }

  #vertexOf(node: NodeId): number {
    return 2 + (this.#groupOf[node] ?? 0);
  }

  #addArc(tail: number, head: number, seconds: number, share: Share): void {
    if (seconds === 0) return;
    this.#tails.push(tail);
    this.#heads.push(head);
    this.#seconds.push(seconds);
    this.#shares.push(share);
  }
}
