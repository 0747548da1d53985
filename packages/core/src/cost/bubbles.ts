import { type Seconds, seconds } from '../units.ts';
import type { ResourceUse, ResourceUses } from './resource-uses.ts';

/** Time in which a device or link does nothing, in three senses. */
export interface Bubbles {
  /** Of one request: between its first start and its last end. */
  readonly internalSeconds: Seconds;
  /** Of one request: between the request's arrival and its end, so that filling and draining count. */
  readonly windowSeconds: Seconds;
  /** Of each request in a stream that arrives and leaves at the plan's period; 0 = the bottleneck. */
  readonly steadySeconds: Seconds;
}

/** Of a device or link with this `use`, one of `uses`. */
export function bubblesOf(
  { latencySeconds, periodSeconds }: ResourceUses,
  use: Readonly<ResourceUse>,
): Bubbles {
  const busy = use.busySeconds + use.othersSeconds;
  const span = rest(use.lastSeconds, use.firstSeconds);
  return {
    internalSeconds: seconds(rest(span, busy)),
    windowSeconds: seconds(rest(latencySeconds, busy)),
    steadySeconds: seconds(rest(periodSeconds, use.pacedSeconds)),
  };
}

/** What is left of `whole`, never below nothing by a rounding, and nothing where something never ends or never begins. */
function rest(whole: number, part: number): number {
  if (part === Number.POSITIVE_INFINITY) return 0;
  return Math.max(0, whole - part);
}
