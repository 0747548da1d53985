import { type AffineBits, type Plan, type Problem, planOptionOf } from '@tandem/core';
import { fewestBits } from './online-share.ts';

/**
 * Answers a second that a plan can keep up when its links carry so many bits a second: what its busiest device or link allows where what
 * is quantised crosses with `bits`, and no request leaves early.
 */
export function paceOfPlan(
  problem: Problem,
  plan: Plan,
  bits: AffineBits,
): (bitsPerSecond: number) => number {
  const { policies: _, ...plain } = plan;
  const transfers = plan.transfers.map(({ codec, ...transfer }) => ({
    ...transfer,
    codec: codec.kind === 'affine' ? { ...codec, bits } : codec,
  }));
  const { devices, links } = planOptionOf(problem, { ...plain, transfers });
  const busiest = Math.max(...devices.map(({ seconds }) => seconds));
  return (rate) =>
    1 / links.reduce((most, link) => Math.max(most, link.messageSeconds + link.bits / rate), busiest);
}

/** The pace with the fewest bits that may be chosen for a request. */
export const bestPace = (problem: Problem, plan: Plan): ReturnType<typeof paceOfPlan> =>
  paceOfPlan(problem, plan, fewestBits(plan));
