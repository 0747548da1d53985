import type { PacedSearch } from '../paced-search.ts';
import type { CheapestPath } from './cheapest-path.ts';
import { binsOf, Extender, type Extension, type Label } from './label.ts';
import { type LayeredProblem, pathCosts, requireLayered, scalarised } from './layered-problem.ts';
import { leastRests } from './least-rests.ts';

export interface DepthFirstOptions {
  /** Labels × bins that are priced at most. @default 1000000 */
  readonly maximumTried?: number;
}

/** An extension with the least that a path through it may cost. */
interface Bounded {
  readonly extension: Extension;
  readonly bound: number;
}

/**
 * Branch and bound (Land and Doig 1960), depth first: always the most promising next bin, back where what may follow cannot become
 * better than the best path so far. `path` is that one, `complete` whether it is known to be the cheapest. Sums the criteria. Throws
 * InvalidInputError for a malformed problem.
 */
export function* depthFirstPath(
  problem: LayeredProblem,
  { maximumTried = 1_000_000 }: DepthFirstOptions = {},
): PacedSearch<CheapestPath> {
  requireLayered(problem);
  const scalar = scalarised(
    problem,
    Array.from({ length: problem.criteria }, () => 1),
  );
  const rest = leastRests(scalar);
  const extender = new Extender(scalar);
  const stack = ranked(scalar, rest, extender, null, 0);
  const lowerBound = stack.at(-1)?.bound ?? Number.POSITIVE_INFINITY;
  let least = Number.POSITIVE_INFINITY;
  let best: Label | null = null;
  let expansions = 0;
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (next.bound >= least) continue;
    if (extender.tried >= maximumTried) {
      stack.push(next);
      break;
    }
    const label = extender.labelOf(next.extension);
    const layer = next.extension.layer + 1;
    if (layer === scalar.layers) [best, least] = [label, next.bound];
    else {
      yield;
      expansions += 1;
      stack.push(...ranked(scalar, rest, extender, label, layer));
    }
  }
  const bins = best === null ? null : binsOf(best);
  const complete = stack.length === 0;
  return {
    path: bins === null ? null : { bins, costs: pathCosts(problem, bins) },
    lowerBound: complete ? least : lowerBound,
    complete,
    expansions,
    tried: extender.tried,
  };
}

/** The most promising last. */
function ranked(
  { bins }: LayeredProblem,
  rest: Float64Array,
  extender: Extender,
  parent: Label | null,
  layer: number,
): Bounded[] {
  const found: Bounded[] = [];
  for (let bin = 0; bin < bins; bin++) {
    const extension = extender.extend(parent, layer, bin);
    if (extension === null) continue;
    const bound = extension.rank + (rest[layer * bins + bin] ?? 0);
    if (bound < Number.POSITIVE_INFINITY) found.push({ extension, bound });
  }
  return found.sort((left, right) => right.bound - left.bound);
}
