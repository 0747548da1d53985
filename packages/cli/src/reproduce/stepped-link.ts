import { bitsPerSecond, type Plan, type Problem, seconds, type TracePoint } from '@tandem/core';
import { type AnswerTimes, answersReplanned, answersUnder } from './answers-under.ts';
import type { OnlineShare } from './online-share.ts';

/** Each rate holds so long, and counts from when what was under way at the last one is through. */
const phaseSeconds = 20;
const settlingSeconds = 5;
const requests = 8000;

/** Answers a second at each rate, in turn, of one plan in one simulated run in which there is always a next request. */
export function steppedThroughput(
  problem: Problem,
  plan: Plan,
  megabitsPerSecond: readonly number[],
  online: OnlineShare | null,
): readonly number[] {
  const points = stepsOf(megabitsPerSecond);
  return perPhase(answersUnder(problem, plan, { points, online, requests }), megabitsPerSecond.length);
}

/** The same where the gateway may change to any of the plans, the first of which it begins with; bits alone are chosen. */
export function steppedReplanned(
  problem: Problem,
  plans: readonly [Plan, ...Plan[]],
  megabitsPerSecond: readonly number[],
): readonly number[] {
  const points = stepsOf(megabitsPerSecond);
  const untilSeconds = phaseSeconds * megabitsPerSecond.length;
  return perPhase(answersReplanned(problem, plans, { points, untilSeconds }), megabitsPerSecond.length);
}

const stepsOf = (rates: readonly number[]): readonly TracePoint[] =>
  rates.map((rate, at) => ({
    seconds: seconds(at * phaseSeconds),
    bitsPerSecond: bitsPerSecond(1e6 * rate),
  }));

function perPhase(answered: AnswerTimes, phases: number): readonly number[] {
  const counts = new Float64Array(phases);
  for (const atSeconds of answered) {
    const phase = Math.floor(atSeconds / phaseSeconds);
    if (atSeconds - phase * phaseSeconds >= settlingSeconds) counts[phase] = (counts[phase] ?? 0) + 1;
  }
  return Array.from(counts, (own) => own / (phaseSeconds - settlingSeconds));
}
