import { BinaryHeap } from '../binary-heap.ts';
import type { PacedSearch } from '../paced-search.ts';
import { paretoFront } from '../pareto-front.ts';
import { binsOf, dominates, Extender, type Label } from './label.ts';
import { type LayeredPath, type LayeredProblem, pathCosts, requireLayered } from './layered-problem.ts';

export interface FrontOptions {
  /** The most labels that are kept for a layer in a bin, those of the least weighted costs. @default Infinity, which is exact */
  readonly beam?: number;
  /** Of the criteria, above 0; they matter to the beam only. @default 1 each */
  readonly weights?: readonly number[];
  /** Asked before every layer: whether to go on with a beam of a few. @default never */
  readonly isLate?: () => boolean;
}

/** The beam where it is late. */
const lateBeam = 4;

export interface LayeredFront {
  /** No path that fits costs less in one criterion and no more in the others; in ascending order of costs. */
  readonly paths: readonly LayeredPath[];
  /** Whether that is certain: the beam dropped nothing. */
  readonly exact: boolean;
  /** Labels × bins that were priced. */
  readonly tried: number;
}

/** Labels that are looked at between two yields. */
const piece = 2048;

/**
 * The Pareto front of a layered problem by labels (Martins 1984, "On a multicriteria shortest path problem"), layer by layer; a
 * label also holds the loads of all bins, because they decide what may follow. Without a beam exact, and exponential in the worst case;
 * with one O(layers × bins² × beam × (log + beam × bins)). Throws InvalidInputError for a malformed problem.
 */
export function* layeredFront(
  problem: LayeredProblem,
  options: FrontOptions = {},
): PacedSearch<LayeredFront> {
  requireLayered(problem);
  const { beam = Number.POSITIVE_INFINITY, weights, isLate = () => false } = options;
  const extender = new Extender(problem, weights);
  let exact = true;
  let labels: readonly (Label | null)[] = [null];
  for (let layer = 0; layer < problem.layers; layer++) {
    const next: Label[] = [];
    const most = isLate() ? Math.min(beam, lateBeam) : beam;
    for (let bin = 0; bin < problem.bins; bin++) {
      const ranked = yield* rankAll(extender, labels, layer, bin);
      const { kept, dropped } = yield* sift(extender, ranked, labels, layer, bin, most);
      for (const label of kept) next.push(label);
      if (dropped) exact = false;
    }
    labels = next;
  }
  return { paths: frontOf(problem, labels), exact, tried: extender.tried };
}

/** A label, by its index, and what it comes to with one layer more. */
interface Ranked {
  readonly index: number;
  readonly rank: number;
}

function* rankAll(
  extender: Extender,
  labels: readonly (Label | null)[],
  layer: number,
  bin: number,
): PacedSearch<BinaryHeap<Ranked>> {
  const ranked = new BinaryHeap<Ranked>(precedes);
  yield;
  for (const [index, label] of labels.entries()) {
    if (index % piece === piece - 1) yield;
    const rank = extender.rank(label, layer, bin);
    if (rank < Number.POSITIVE_INFINITY) ranked.push({ index, rank });
  }
  return ranked;
}

const precedes = (left: Ranked, right: Ranked): boolean =>
  left.rank < right.rank || (left.rank === right.rank && left.index < right.index);

/** Keeps what no earlier one dominates, up to the beam. Later ones dominate no earlier ones, unless they are equal: they cost more. */
function* sift(
  extender: Extender,
  ranked: BinaryHeap<Ranked>,
  labels: readonly (Label | null)[],
  layer: number,
  bin: number,
  beam: number,
): PacedSearch<{ readonly kept: readonly Label[]; readonly dropped: boolean }> {
  const kept: Label[] = [];
  let compared = 0;
  for (let next = ranked.pop(); next !== undefined; next = ranked.pop()) {
    if (kept.length >= beam) return { kept, dropped: true };
    const extension = extender.extension(labels[next.index] ?? null, layer, bin, next.rank);
    compared += kept.length;
    if (compared >= piece) {
      yield;
      compared = 0;
    }
    if (!kept.some((label) => dominates(label, extension))) kept.push(extender.labelOf(extension));
  }
  return { kept, dropped: false };
}

function frontOf(problem: LayeredProblem, labels: readonly (Label | null)[]): readonly LayeredPath[] {
  const paths = labels.flatMap((label) => {
    if (label === null) return [];
    const bins = binsOf(label);
    const costs = pathCosts(problem, bins);
    return costs.includes(Number.POSITIVE_INFINITY) ? [] : [{ bins, costs }];
  });
  return paretoFront(paths.map(({ costs }) => costs)).flatMap((index) => paths[index] ?? []);
}
