import { median, quantile } from '../paired.ts';
import type { Subject } from './subjects.ts';
import type { Trial } from './trial.ts';

/** One planner over many instances. */
export interface Counts {
  readonly asked: number;
  readonly solvable: number;
  /** Instances in which memory decides, of those asked. */
  readonly binding: number;
  /** Its family has a feasible placement and it has no plan. */
  readonly withoutPlan: number;
  readonly plans: number;
  readonly atBest: number;
  readonly medianRatio: number;
  readonly ninthRatio: number;
  readonly worstRatio: number;
  /** The same with memory for everything, of who does not look at it and promises a factor; 1 of others. */
  readonly worstUnbound: number;
  /** The best over what is proven: what the bound is to blame for; null where nothing is proven. */
  readonly slack: Slack | null;
  readonly violating: number;
  readonly wrongBounds: number;
  /** Of all asked: how often the two rules overflow memory. */
  readonly forgetful: number;
  readonly proportional: number;
}

interface Slack {
  readonly median: number;
  readonly ninth: number;
  /** Of those with a bound. */
  readonly tight: number;
  readonly bounded: number;
}

export function countsOf(trials: readonly Trial[]): Counts {
  const asked = trials.filter((trial) => trial.asked);
  const count = (holds: (trial: Trial) => boolean): number => asked.filter(holds).length;
  const ratios = asked.flatMap(({ ratio }) => (ratio === null ? [] : [ratio]));
  return {
    asked: asked.length,
    solvable: count(({ solvable }) => solvable),
    binding: count(({ binds }) => binds),
    withoutPlan: count(({ solvable, ratio }) => solvable && ratio === null),
    plans: ratios.length,
    atBest: ratios.filter((ratio) => ratio <= 1).length,
    medianRatio: median(ratios),
    ninthRatio: quantile(ratios, 0.9),
    worstRatio: Math.max(1, ...ratios),
    worstUnbound: Math.max(
      1,
      ...asked.flatMap(({ roomyRatio }) => (roomyRatio === null ? [] : [roomyRatio])),
    ),
    slack: slackOf(asked.flatMap(({ slack }) => (slack === null ? [] : [slack]))),
    violating: count(({ violates }) => violates),
    wrongBounds: count(({ wrongBound }) => wrongBound),
    forgetful: count(({ forgetful }) => forgetful),
    proportional: count(({ proportional }) => proportional),
  };
}

function slackOf(slacks: readonly number[]): Slack | null {
  if (slacks.length === 0) return null;
  return {
    median: median(slacks),
    ninth: quantile(slacks, 0.9),
    tight: slacks.filter((slack) => slack <= 1).length,
    bounded: slacks.length,
  };
}

/** What contradicts a promise, one phrase each; who does not look at memory promises a factor where there is memory for everything. */
export function faultsOf(
  counts: Counts,
  { mostRatio, looksAtMemory }: Pick<Subject, 'mostRatio' | 'looksAtMemory'>,
): readonly string[] {
  const worst = looksAtMemory ? counts.worstRatio : counts.worstUnbound;
  return [
    ...(mostRatio === 1 && looksAtMemory && counts.withoutPlan > 0
      ? [`no plan for ${counts.withoutPlan}`]
      : []),
    ...(mostRatio !== null && worst > mostRatio ? [`above ${mostRatio} times the best`] : []),
    ...(counts.violating > 0 ? [`${counts.violating} violating plans`] : []),
    ...(counts.wrongBounds > 0 ? [`${counts.wrongBounds} wrong bounds`] : []),
  ];
}
