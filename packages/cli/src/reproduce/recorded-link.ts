import { type Plan, type Problem, seconds, type TracePoint } from '@tandem/core';
import { answersReplanned, answersUnder } from './answers-under.ts';
import { bestPace } from './pace-of-plan.ts';
import { overTime } from './recordings.ts';

/** A link that follows an excerpt of a recording. */
export interface RecordedLink {
  readonly points: readonly TracePoint[];
  /** Of the excerpt. */
  readonly untilSeconds: number;
}

/**
 * Answers a second of one plan over the whole excerpt, simulated, with always a next request; bits are chosen where its policy says so. Before
 * it the first rate holds for `settlingSeconds`, in which nothing counts.
 */
export function recordedThroughput(
  problem: Problem,
  plan: Plan,
  { points, untilSeconds }: RecordedLink,
  settlingSeconds: number = 0,
): number {
  const later = points.map((point, at) =>
    at === 0 ? point : { ...point, seconds: seconds(point.seconds + settlingSeconds) },
  );
  const end = settlingSeconds + untilSeconds;
  const pace = bestPace(problem, plan);
  const most = end * overTime(later, end, ({ bitsPerSecond }) => pace(bitsPerSecond));
  // A little more than can be answered: the run ends soon after the excerpt.
  const requests = Math.ceil(1.1 * most) + 20;
  const online = plan.policies === undefined ? null : { exits: 0 };
  const answered = answersUnder(problem, plan, { points: later, online, requests });
  return rateOf(
    answered.map((atSeconds) => atSeconds - settlingSeconds),
    untilSeconds,
  );
}

/** The same where the gateway may change to any of the plans, the first of which it begins with. */
export function recordedReplanned(
  problem: Problem,
  plans: readonly [Plan, ...Plan[]],
  { points, untilSeconds }: RecordedLink,
): number {
  return rateOf(answersReplanned(problem, plans, { points, untilSeconds }), untilSeconds);
}

/** What knows every rate beforehand and changes plans in no time: at each point of the excerpt the pace of the plan that is fastest there. */
export function oracleThroughput(
  problem: Problem,
  plans: readonly Plan[],
  { points, untilSeconds }: RecordedLink,
): number {
  const paces = plans.map((plan) => bestPace(problem, plan));
  return overTime(points, untilSeconds, ({ bitsPerSecond }) =>
    Math.max(...paces.map((pace) => pace(bitsPerSecond))),
  );
}

const rateOf = (answered: readonly number[], untilSeconds: number): number =>
  answered.filter((atSeconds) => atSeconds >= 0 && atSeconds < untilSeconds).length / untilSeconds;
