import type { PacedSearch } from '../paced-search.ts';
import type { ChainProblem } from './chain-problem.ts';

/** What a chain's functions answer, read once. */
export interface ChainTimes {
  /** Positions 0 … units. */
  readonly width: number;
  /** [kind, first, end]: the time of the run; +∞ = it does not fit. */
  readonly runs: Float64Array;
  /** [kind, first, end]: the least time of a run that contains this one, so that a longer run never has a lower one; [first, first] as [first, first + 1]. */
  readonly least: Float64Array;
  /** Of all that is possible. */
  readonly longestRun: number;
  /** [from, to, position] */
  readonly handovers: Float64Array;
  /** [position]: the least of them; 0 at both ends. */
  readonly leastHandovers: Float64Array;
  /** Of all that are possible. */
  readonly longestHandover: number;
}

/** O(kinds × units² + kinds² × units), with a yield for each first unit. */
export function* chainTimes(problem: ChainProblem): PacedSearch<ChainTimes> {
  const { units, counts } = problem;
  const width = units + 1;
  const kinds = counts.length;
  const runs = new Float64Array(kinds * width ** 2).fill(Number.POSITIVE_INFINITY);
  const least = new Float64Array(kinds * width ** 2).fill(Number.POSITIVE_INFINITY);
  let longestRun = 0;
  for (let kind = 0; kind < kinds; kind++) {
    for (let first = 0; first < units; first++) {
      yield;
      longestRun = Math.max(longestRun, readRuns(problem, { kind, first }, runs, least));
    }
  }
  return { width, runs, least, longestRun, ...handoversOf(problem, width) };
}

/** Returns the longest time that is possible. */
function readRuns(
  problem: ChainProblem,
  { kind, first }: { readonly kind: number; readonly first: number },
  runs: Float64Array,
  least: Float64Array,
): number {
  const width = problem.units + 1;
  const row = (kind * width + first) * width;
  let lowest = Number.POSITIVE_INFINITY;
  let longest = 0;
  for (let end = problem.units; end > first; end--) {
    const time = problem.fits(kind, first, end) ? problem.work(kind, first, end) : Number.POSITIVE_INFINITY;
    runs[row + end] = time;
    if (time < lowest) lowest = time;
    if (time > longest && time !== Number.POSITIVE_INFINITY) longest = time;
    const wider = first === 0 ? Number.POSITIVE_INFINITY : (least[row - width + end] as number);
    if (wider < lowest) lowest = wider;
    least[row + end] = lowest;
  }
  return longest;
}

function handoversOf(
  problem: ChainProblem,
  width: number,
): Pick<ChainTimes, 'handovers' | 'leastHandovers' | 'longestHandover'> {
  const kinds = problem.counts.length;
  const handovers = new Float64Array(kinds ** 2 * width);
  const leastHandovers = new Float64Array(width).fill(Number.POSITIVE_INFINITY);
  leastHandovers[0] = leastHandovers[width - 1] = 0;
  let longestHandover = 0;
  for (let from = 0; from < kinds; from++) {
    for (let to = 0; to < kinds; to++) {
      for (let position = 1; position < width - 1; position++) {
        const time = problem.handover(position, from, to);
        handovers[(from * kinds + to) * width + position] = time;
        if (time < (leastHandovers[position] as number)) leastHandovers[position] = time;
        if (time > longestHandover && time !== Number.POSITIVE_INFINITY) longestHandover = time;
      }
    }
  }
  return { handovers, leastHandovers, longestHandover };
}
