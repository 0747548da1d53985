import type { PacedSearch } from './paced-search.ts';

/** Jobs that each take one of the same options, one after the other; times on machines add up as `after` says. */
export interface SequenceProblem {
  readonly jobs: number;
  /** How many there are. */
  readonly options: number;
  /** When each machine is free before the first job; every state has as many entries. */
  readonly start: readonly number[];
  /** After one more job that takes `option`. No entry may fall when an entry of `state` grows. */
  after(state: readonly number[], option: number): readonly number[];
  /** What the largest entry cannot be below when so many jobs have come after `state`. */
  atLeast(state: readonly number[], jobs: number): number;
  /** Only sequences that end before this are sought. */
  readonly before: number;
}

export interface Sequence {
  /** By job: its option. */
  readonly order: readonly number[];
  /** The largest entry of the last state. */
  readonly end: number;
}

/** One job after `ahead`. */
interface Label {
  readonly state: readonly number[];
  readonly option: number;
  readonly ahead: Label | null;
}

/** Yields after this many states. */
const pausesAfter = 64;

/**
 * The sequence of options that ends first, over all orders of all multisets, so that no rule for the order is needed; null where none ends
 * before `before`. After each job only states count of which no other is as early on every machine. O(jobs × states² × machines), states
 * being those kept after a job times the options: as many as sequences at worst, few in practice.
 */
export function* bestSequence(problem: SequenceProblem): PacedSearch<Sequence | null> {
  const { jobs, options, start } = problem;
  let labels: readonly Label[] = [{ state: start, option: -1, ahead: null }];
  for (let left = jobs - 1; left >= 0; left--) {
    const next: Label[] = [];
    for (const [at, ahead] of labels.entries()) {
      if (at % pausesAfter === 0) yield;
      for (let option = 0; option < options; option++) {
        const state = problem.after(ahead.state, option);
        if (problem.atLeast(state, left) < problem.before) next.push({ state, option, ahead });
      }
    }
    labels = yield* undominated(next);
  }
  let best: Label | null = null;
  for (const label of labels) if (best === null || endOf(label) < endOf(best)) best = label;
  return best === null || endOf(best) >= problem.before ? null : { order: orderOf(best), end: endOf(best) };
}

/** Of equal ones the first. */
function* undominated(labels: Label[]): PacedSearch<Label[]> {
  const sum = ({ state }: Label): number => state.reduce((total, time) => total + time, 0);
  const sorted = labels.map((label) => ({ label, sum: sum(label) }));
  sorted.sort((left, right) => left.sum - right.sum);
  const kept: Label[] = [];
  for (const [at, { label }] of sorted.entries()) {
    if (at % pausesAfter === 0) yield;
    if (!kept.some((other) => isNoLater(other.state, label.state))) kept.push(label);
  }
  return kept;
}

function isNoLater(left: readonly number[], right: readonly number[]): boolean {
  for (let at = 0; at < left.length; at++) if ((left[at] ?? 0) > (right[at] ?? 0)) return false;
  return true;
}

const endOf = ({ state }: Label): number => Math.max(...state);

function orderOf(last: Label): number[] {
  const order: number[] = [];
  for (let label: Label | null = last; label !== null && label.ahead !== null; label = label.ahead)
    order.push(label.option);
  return order.reverse();
}
