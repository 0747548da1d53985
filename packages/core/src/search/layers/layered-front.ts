import type { PacedSearch } from '../paced-search.ts';
import { paretoFront } from '../pareto-front.ts';
import { binsOf, dominates, Extender, type Extension, type Label } from './label.ts';
import { type LayeredPath, type LayeredProblem, pathCosts, requireLayered } from './layered-problem.ts';

export interface FrontOptions {
  /** The most labels that are kept for a layer in a bin, those of the least weighted costs. @default Infinity, which is exact */
  readonly beam?: number;
  /** Of the criteria, above 0; they matter to the beam only. @default 1 each */
  readonly weights?: readonly number[];
}

export interface LayeredFront {
  /** No path that fits costs less in one criterion and no more in the others; in ascending order of costs. */
  readonly paths: readonly LayeredPath[];
  /** Whether that is certain: the beam dropped nothing. */
  readonly exact: boolean;
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
  const { beam = Number.POSITIVE_INFINITY, weights } = options;
  const extender = new Extender(problem, weights);
  let exact = true;
  let labels: readonly (Label | null)[] = [null];
  for (let layer = 0; layer < problem.layers; layer++) {
    const next: Label[] = [];
    for (let bin = 0; bin < problem.bins; bin++) {
      const extensions = yield* extendAll(extender, labels, layer, bin);
      extensions.sort((left, right) => left.rank - right.rank);
      const { kept, dropped } = yield* sift(extender, extensions, beam);
      for (const label of kept) next.push(label);
      if (dropped) exact = false;
    }
    labels = next;
  }
  return { paths: frontOf(problem, labels), exact };
}

function* extendAll(
  extender: Extender,
  labels: readonly (Label | null)[],
  layer: number,
  bin: number,
): PacedSearch<Extension[]> {
  const extensions: Extension[] = [];
  yield;
  for (const [index, label] of labels.entries()) {
    if (index % piece === piece - 1) yield;
    const extension = extender.extend(label, layer, bin);
    if (extension !== null) extensions.push(extension);
  }
  return extensions;
}

/** Keeps what no earlier one dominates, up to the beam. Later ones dominate no earlier ones, unless they are equal: they cost more. */
function* sift(
  extender: Extender,
  ranked: readonly Extension[],
  beam: number,
): PacedSearch<{ readonly kept: readonly Label[]; readonly dropped: boolean }> {
  const kept: Label[] = [];
  let compared = 0;
  for (const extension of ranked) {
    if (kept.length >= beam) return { kept, dropped: true };
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
