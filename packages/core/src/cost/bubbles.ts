import { type Seconds, seconds } from '../units.ts';
import type { ResourceUses } from './resource-uses.ts';

/** Time in which a device or link does nothing, in three senses. */
export interface Bubbles {
  /** Of one request: between its first start and its last end. */
  readonly internalSeconds: Seconds;
  /** Of one request: between the request's arrival and its end, so that filling and draining count. */
  readonly windowSeconds: Seconds;
  /** Of each request in a stream that arrives and leaves at the plan's period; 0 = the bottleneck. */
  readonly steadySeconds: Seconds;
}

export function bubblesOf(uses: ResourceUses, resource: number): Bubbles {
  const busy = (uses.busy[resource] ?? 0) + (uses.others[resource] ?? 0);
  const span = rest(uses.last[resource] ?? 0, uses.first[resource] ?? 0);
  return {
    internalSeconds: seconds(rest(span, busy)),
    windowSeconds: seconds(rest(uses.latencySeconds, busy)),
    steadySeconds: seconds(rest(uses.periodSeconds, uses.paced[resource] ?? 0)),
  };
}

/** What is left of `whole`, never below nothing by a rounding, and nothing where something never ends or never begins. */
function rest(whole: number, part: number): number {
  if (part === Number.POSITIVE_INFINITY) return 0;
  return Math.max(0, whole - part);
}
