import type { Element } from '../../graph/elements.ts';
import type { NodeId } from '../../graph/graph.ts';
import type { Pacer } from '../pacer.ts';
import { compareScores } from './coach-score.ts';

export interface BlockScoring {
  /** Of running these nodes, in no order, before the cut; less is better, compared in turn. */
  score(nodes: readonly NodeId[]): readonly number[];
  /** How much longer a node takes before the cut than behind it. */
  gain(node: NodeId): number;
}

export interface BlockCut {
  /** All that run before the cut, those before the block included. */
  readonly nodes: readonly NodeId[];
  readonly score: readonly number[];
}

/** Where a chain of elements is cut: before the element at `at`, and inside it where `inside` says how, one a branch. */
interface Choice {
  readonly at: number;
  readonly inside: readonly Choice[] | null;
}

/** The paper's complexity is of one round; a second and third mend what later branches changed. */
const rounds = 3;

/**
 * The divide and conquer of COACH's offline partition, as reconstructed: one branch after the other is cut where that is best while the
 * others stay, those first that have most to gain; again until nothing changes, three times at most, from all branches before the cut and
 * from all behind it. Blocks inside a branch that touch its cut are searched in turn, with all else as it is.
 *
 * For n branches of c elements at most 3 · 2 · n (c + 1) scores, where trying all takes (c + 1)^n. No optimum is promised.
 */
export async function searchBlock(
  block: Element,
  before: readonly NodeId[],
  scoring: BlockScoring,
  pacer: Pacer,
): Promise<BlockCut> {
  const { inside, score } = await new BlockSearch(scoring, pacer).search(block, before);
  return { nodes: [...before, ...nodesInside(block, inside)], score };
}

interface Found {
  readonly inside: readonly Choice[];
  readonly score: readonly number[];
}

class BlockSearch {
  readonly #scoring: BlockScoring;
  readonly #pacer: Pacer;

  constructor(scoring: BlockScoring, pacer: Pacer) {
    this.#scoring = scoring;
    this.#pacer = pacer;
  }

  /** Each block inside is searched at most once, so that the depth does not multiply. */
  async search(block: Element, outside: readonly NodeId[]): Promise<Found> {
    const last = block.branches.map((branch): Choice => ({ at: branch.length, inside: null }));
    const first = block.branches.map((): Choice => ({ at: 0, inside: null }));
    let best = await this.#fromStart(block, outside, last);
    const other = await this.#fromStart(block, outside, first);
    if (compareScores(other.score, best.score) < 0) best = other;
    for (const at of block.branches.keys()) best = await this.#searchNested(block, outside, best, at);
    return best;
  }

  async #fromStart(block: Element, outside: readonly NodeId[], start: readonly Choice[]): Promise<Found> {
    const order = [...block.branches.keys()].sort(
      (left, right) => this.#gain(block, right) - this.#gain(block, left) || left - right,
    );
    const inside = [...start];
    let best: readonly number[] | null = null;
    for (let round = 0; round < rounds; round++) {
      let changed = false;
      for (const at of order) {
        const others = this.#others(block, outside, inside, at);
        const branch = block.branches[at] ?? [];
        for (let position = 0; position <= branch.length; position++) {
          if (best !== null && position === inside[at]?.at) continue;
          const score = await this.#score([
            ...others,
            ...nodesBefore(branch, { at: position, inside: null }),
          ]);
          if (best !== null && compareScores(score, best) >= 0) continue;
          changed = true;
          best = score;
          inside[at] = { at: position, inside: null };
        }
      }
      if (!changed) break;
    }
    return { inside, score: best ?? (await this.#score(outside)) };
  }

  /** Searches the blocks of a branch on both sides of its cut. */
  async #searchNested(block: Element, outside: readonly NodeId[], found: Found, at: number): Promise<Found> {
    const branch = block.branches[at] ?? [];
    const others = this.#others(block, outside, found.inside, at);
    const cut = found.inside[at]?.at ?? 0;
    let best = found;
    for (const position of [cut - 1, cut]) {
      const nested = branch[position];
      if (nested === undefined || nested.branches.length === 0) continue;
      const before = [...others, ...nodesBefore(branch, { at: position, inside: null })];
      const { inside, score } = await this.search(nested, before);
      if (compareScores(score, best.score) >= 0) continue;
      best = { inside: found.inside.with(at, { at: position, inside }), score };
    }
    return best;
  }

  async #score(nodes: readonly NodeId[]): Promise<readonly number[]> {
    await this.#pacer();
    return this.#scoring.score(nodes);
  }

  #others(block: Element, outside: readonly NodeId[], inside: readonly Choice[], but: number): NodeId[] {
    const nodes = [...outside];
    for (const [at, branch] of block.branches.entries())
      if (at !== but) nodes.push(...nodesBefore(branch, inside[at]));
    return nodes;
  }

  #gain({ branches }: Element, at: number): number {
    const nodes = (branches[at] ?? []).flatMap((element) => element.nodes);
    return nodes.reduce((sum, node) => sum + this.#scoring.gain(node), 0);
  }
}

function nodesBefore(chain: readonly Element[], choice: Choice | undefined): NodeId[] {
  if (choice === undefined) return [];
  const nodes = chain.slice(0, choice.at).flatMap((element) => element.nodes);
  const block = chain[choice.at];
  if (choice.inside !== null && block !== undefined) nodes.push(...nodesInside(block, choice.inside));
  return nodes;
}

function nodesInside({ branches }: Element, inside: readonly Choice[]): NodeId[] {
  return branches.flatMap((branch, at) => nodesBefore(branch, inside[at]));
}
