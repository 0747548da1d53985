import type { DeviceId, Plan, Problem } from '@tandem/core';
import { type DeviceClock, type PlannedClock, plannedClocks } from '@tandem/runtime';

export interface PlannedModel {
  readonly problem: Problem;
  readonly plan: Plan;
}

/** What the plans of models on the same devices want together: a device that two of them slow down has the faster of the two clocks. */
export function clocksTogether(models: readonly PlannedModel[]): readonly PlannedClock[] {
  const wanted = new Map<DeviceId, PlannedClock>();
  for (const clock of models.flatMap(({ problem, plan }) => plannedClocks(problem, plan))) {
    const known = wanted.get(clock.device);
    if (known === undefined || known.hertz < clock.hertz) wanted.set(clock.device, clock);
  }
  return [...wanted.values()];
}

/** Of what devices did, that about the clocks of one model's plan. */
export function clocksOf(
  { problem, plan }: PlannedModel,
  clocks: readonly DeviceClock[],
): readonly DeviceClock[] {
  const own = new Set(plannedClocks(problem, plan).map(({ device }) => device));
  return clocks.filter(({ device }) => own.has(device));
}
