import { BinaryHeap } from '../binary-heap.ts';
import type { PacedSearch } from '../paced-search.ts';
import { binsOf, dominates, Extender, type Extension, type Label } from './label.ts';
import {
  type LayeredPath,
  type LayeredProblem,
  pathCosts,
  requireLayered,
  scalarised,
} from './layered-problem.ts';
import { leastRests, noRests } from './least-rests.ts';

export interface CheapestOptions {
  /** Of the criteria, at least 0. @default 1 each */
  readonly weights?: readonly number[];
  /** Labels that are extended at most. @default 100000 */
  readonly maximumExpansions?: number;
  /** Whether the least that may follow guides the search; without it, it is Dijkstra's. @default true */
  readonly guided?: boolean;
}

export interface CheapestPath {
  /** The path of the least weighted cost; null = none fits, or the expansions ran out before one was found. */
  readonly path: LayeredPath | null;
  /** No path that fits has a weighted cost below this; +∞ = none fits. */
  readonly lowerBound: number;
  /** Whether the search came to its end. */
  readonly complete: boolean;
  readonly expansions: number;
  /** Labels × bins that were priced. */
  readonly tried: number;
}

interface Entry {
  readonly extension: Extension;
  /** Cost so far + the least that may follow. */
  readonly bound: number;
  readonly order: number;
}

/**
 * The path of the least weighted cost, best first (A*: Hart, Nilsson and Raphael 1968). What may follow is bounded by the cheapest
 * rest without regard to loads, which is admissible and consistent; where loads do not bind, the search walks straight to the end.
 * Exact, exponential in the worst case, hence the cap. Ties go to the further layer, then to what was found first. Throws
 * InvalidInputError for a malformed problem.
 */
export function* cheapestPath(
  problem: LayeredProblem,
  options: CheapestOptions = {},
): PacedSearch<CheapestPath> {
  requireLayered(problem);
  yield;
  const { weights = Array.from({ length: problem.criteria }, () => 1), maximumExpansions = 100_000 } =
    options;
  const scalar = scalarised(problem, weights);
  const rest = options.guided === false ? noRests(scalar) : leastRests(scalar);
  yield;
  const extender = new Extender(scalar);
  const settled: Label[][] = Array.from({ length: scalar.layers * scalar.bins }, () => []);
  const queue = new BinaryHeap<Entry>(precedes);
  let order = 0;
  const pushAll = (parent: Label | null, layer: number): void => {
    for (let bin = 0; bin < scalar.bins; bin++) {
      const extension = extender.extend(parent, layer, bin);
      if (extension === null) continue;
      const bound = extension.rank + (rest[layer * scalar.bins + bin] ?? 0);
      if (bound < Number.POSITIVE_INFINITY) queue.push({ extension, bound, order: order++ });
    }
  };
  pushAll(null, 0);
  let expansions = 0;
  for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) {
    const { extension, bound } = entry;
    yield;
    const known = settled[extension.layer * scalar.bins + extension.bin] ?? [];
    if (known.some((label) => dominates(label, extension))) continue;
    const label = extender.labelOf(extension);
    if (extension.layer === scalar.layers - 1) {
      const bins = binsOf(label);
      return {
        path: { bins, costs: pathCosts(problem, bins) },
        lowerBound: bound,
        complete: true,
        expansions,
        tried: extender.tried,
      };
    }
    if (expansions === maximumExpansions)
      return { path: null, lowerBound: bound, complete: false, expansions, tried: extender.tried };
    expansions += 1;
    known.push(label);
    pushAll(label, extension.layer + 1);
  }
  return {
    path: null,
    lowerBound: Number.POSITIVE_INFINITY,
    complete: true,
    expansions,
    tried: extender.tried,
  };
}

function precedes(left: Entry, right: Entry): boolean {
  if (left.bound !== right.bound) return left.bound < right.bound;
  if (left.extension.layer !== right.extension.layer) return left.extension.layer > right.extension.layer;
  return left.order < right.order;
}
