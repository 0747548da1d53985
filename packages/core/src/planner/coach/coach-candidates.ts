import { type Element, elements } from '../../graph/elements.ts';
import type { NodeId, TensorId } from '../../graph/graph.ts';
import type { Problem } from '../../plan/problem.ts';
import type { TransferCodec } from '../../plan/transfer-codec.ts';
import type { Pacer } from '../pacer.ts';
import type { DevicePair } from '../two-stage-costs.ts';
import { searchBlock } from './block-search.ts';
import { type CoachForm, compareScores } from './coach-score.ts';
import { CrossingCodecs } from './crossing-codecs.ts';
import { CutMeter } from './cut-times.ts';

/** A cut and how its tensors cross it. */
export interface CoachCandidate {
  /** Before the cut, in no order. */
  readonly nodes: readonly NodeId[];
  readonly codecs: ReadonlyMap<TensorId, TransferCodec>;
  /** By sums of times, as if nothing overlapped. */
  readonly score: readonly number[];
  /** Whether at most one tensor crosses. */
  readonly isThin: boolean;
}

/**
 * Partitions to choose from, best first by the sums of their times: every boundary of the chain of elements, with all codes of its tensor
 * that lose little enough, and the cuts found inside the blocks where splitting may help (next to the best boundary, and where the
 * balance of the two compute times turns).
 */
export async function coachCandidates(
  problem: Problem,
  pair: DevicePair,
  form: CoachForm,
  pacer: Pacer,
): Promise<readonly CoachCandidate[]> {
  const search = new CandidateSearch(problem, pair, form);
  const chain = elements(problem.graph);
  await search.addBoundaries(chain, pacer);
  for (const block of search.promising(chain)) await search.addBlock(chain, block, pacer);
  return search.found.sort((left, right) => compareScores(left.score, right.score));
}

interface Boundary {
  readonly balance: number;
  readonly score: readonly number[];
}

class CandidateSearch {
  readonly #form: CoachForm;
  readonly #codecs: CrossingCodecs;
  readonly #meter: CutMeter;
  readonly #boundaries: Boundary[] = [];
  readonly found: CoachCandidate[] = [];

  constructor(problem: Problem, pair: DevicePair, form: CoachForm) {
    this.#form = form;
    this.#codecs = new CrossingCodecs(problem);
    this.#meter = new CutMeter(problem, pair, this.#codecs);
  }

  async addBoundaries(chain: readonly Element[], pacer: Pacer): Promise<void> {
    for (let boundary = 0; boundary <= chain.length; boundary++) {
      await pacer();
      this.#boundaries.push(this.#add(nodesOf(chain, boundary)));
    }
  }

  /** Blocks on whose two sides the balance Te − Tc has different signs, and those beside the best boundary. */
  promising(chain: readonly Element[]): readonly number[] {
    let best = 0;
    for (const [at, { score }] of this.#boundaries.entries())
      if (compareScores(score, this.#boundaries[best]?.score ?? []) < 0) best = at;
    return [...chain.keys()].filter((at) => {
      const turns =
        (this.#boundaries[at]?.balance ?? 0) <= 0 && (this.#boundaries[at + 1]?.balance ?? 0) >= 0;
      return (chain[at]?.branches.length ?? 0) > 0 && (turns || at === best || at === best - 1);
    });
  }

  async addBlock(chain: readonly Element[], at: number, pacer: Pacer): Promise<void> {
    const block = chain[at];
    if (block === undefined) return;
    const scoring = {
      score: (nodes: readonly NodeId[]) => this.#leanScore(nodes),
      gain: (node: NodeId) => this.#meter.gain(node),
    };
    const { nodes } = await searchBlock(block, nodesOf(chain, at), scoring, pacer);
    this.#add(nodes);
  }

  /** With the fewest bits. */
  #leanScore(nodes: readonly NodeId[]): readonly number[] {
    const times = this.#meter.measure(nodes);
    return this.#meter.score(this.#form, times, this.#codecs.together(times.crossing));
  }

  /** Adds the cut with the fewest bits, and with more where time is left for them; the best of these counts. */
  #add(nodes: readonly NodeId[]): Boundary {
    const times = this.#meter.measure(nodes);
    const { crossing } = times;
    const isThin = crossing.length <= 1;
    const score = (chosen: readonly number[]): readonly number[] =>
      this.#meter.score(this.#form, times, chosen);
    let best: readonly number[] | null = null;
    for (const chosen of isThin ? this.#each(crossing[0]) : this.#leanAndFilled(crossing, score)) {
      const own = score(chosen);
      this.found.push({ nodes, codecs: this.#chosen(crossing, chosen), score: own, isThin });
      if (best === null || compareScores(own, best) < 0) best = own;
    }
    return { balance: times.first - times.second, score: best ?? [Number.POSITIVE_INFINITY] };
  }

  #each(tensor: TensorId | undefined): number[][] {
    return tensor === undefined ? [[]] : [...this.#codecs.of(tensor).keys()].map((at) => [at]);
  }

  /** The fewest bits that fit together; and from there one tensor's bits after the other's, as long as the score falls. */
  #leanAndFilled(
    crossing: readonly TensorId[],
    score: (chosen: readonly number[]) => readonly number[],
  ): number[][] {
    const lean = this.#codecs.together(crossing);
    let filled = lean;
    for (const [at, tensor] of crossing.entries()) {
      for (const option of this.#codecs.of(tensor).keys()) {
        const other = filled.with(at, option);
        if (!this.#codecs.fits(crossing, other)) continue;
        if (compareScores(score(other), score(filled)) < 0) filled = other;
      }
    }
    return filled === lean ? [lean] : [lean, filled];
  }

  #chosen(crossing: readonly TensorId[], chosen: readonly number[]): Map<TensorId, TransferCodec> {
    return new Map(
      crossing.map((tensor, at) => [
        tensor,
        this.#codecs.of(tensor)[chosen[at] ?? 0]?.codec ?? { kind: 'raw' },
      ]),
    );
  }
}

function nodesOf(chain: readonly Element[], count: number): NodeId[] {
  return chain.slice(0, count).flatMap(({ nodes }) => nodes);
}
