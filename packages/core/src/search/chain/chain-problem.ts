import { InvalidInputError } from '../../errors.ts';

/**
 * A chain of units 0 … units − 1 is cut into runs, and each run given to another machine, so that the longest time of any run and any
 * handover between two of them is least. Machines of a kind are identical. Times are at least 0; +∞ = impossible. The functions must
 * always answer the same.
 */
export interface ChainProblem {
  readonly units: number;
  /** How many machines of each kind there are; not all need be used. */
  readonly counts: readonly number[];
  /** The time of units [first, end) on a machine of the kind. */
  work(kind: number, first: number, end: number): number;
  /** Whether the machine can hold the run. */
  fits(kind: number, first: number, end: number): boolean;
  /** The time of handing over in front of unit `position` (1 … units − 1), between two different machines. */
  handover(position: number, fromKind: number, toKind: number): number;
  /** The time until the chain's input is on a machine of the kind. */
  entering(kind: number): number;
  /** The time until the chain's output has left it. */
  leaving(kind: number): number;
}

/** Units [first, end) on a machine of the kind. */
export interface ChainRun {
  readonly kind: number;
  readonly first: number;
  readonly end: number;
}

/** The runs in the order of the chain; `value` is the longest time, which is exactly one of the problem's own. */
export interface ChainAssignment {
  readonly runs: readonly ChainRun[];
  readonly value: number;
}

/** Cells of a search, of 8 bytes each: sets of machines × kinds × positions. */
const mostCells = 2 ** 23;

function chainCells({ units, counts }: Pick<ChainProblem, 'units' | 'counts'>): number {
  return counts.reduce((product, count) => product * (count + 1), counts.length * (units + 1));
}

/** Whether `assignChain` takes a problem of this size. */
export function canAssignChain(size: Pick<ChainProblem, 'units' | 'counts'>): boolean {
  return chainCells(size) <= mostCells;
}

/** Throws InvalidInputError for a chain or machines that are not there, or too many of both to be searched exactly. */
export function requireChain({ units, counts }: ChainProblem): void {
  const isCount = (value: number, least: number): boolean => Number.isInteger(value) && value >= least;
  if (!isCount(units, 1) || counts.length === 0 || !counts.every((count) => isCount(count, 0))) {
    throw new InvalidInputError(
      `A chain of ${units} units and [${counts.join(', ')}] machines cannot be assigned.`,
      'Give at least one unit and one kind of machine.',
    );
  }
  const cells = chainCells({ units, counts });
  if (cells > mostCells) {
    throw new InvalidInputError(
      `A chain of ${units} units over [${counts.join(', ')}] machines has ${cells} states; at most ${mostCells} are searched.`,
      'Group units or machines, or use a heuristic.',
    );
  }
}

/** The longest time of an assignment. O(runs). */
export function longestTime(problem: ChainProblem, runs: readonly ChainRun[]): number {
  let longest = 0;
  for (const [index, { kind, first, end }] of runs.entries()) {
    const next = runs[index + 1];
    const after = next === undefined ? problem.leaving(kind) : problem.handover(end, kind, next.kind);
    longest = Math.max(longest, problem.work(kind, first, end), after);
    if (index === 0) longest = Math.max(longest, problem.entering(kind));
  }
  return longest;
}
