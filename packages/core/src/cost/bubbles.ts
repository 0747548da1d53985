import { type Seconds, seconds } from '../units.ts';
import type { Schedule, Task } from './list-schedule.ts';

/** Time in which a device or link does nothing, in three senses. */
export interface Bubbles {
  /** Of one request: between its first start and its last end. */
  readonly internalSeconds: Seconds;
  /** Of one request: between the request's arrival and its end, so that filling and draining count. */
  readonly windowSeconds: Seconds;
  /** Of each request in a stream that arrives and leaves at the plan's period; 0 = the bottleneck. */
  readonly steadySeconds: Seconds;
}

/** How one request uses a device or link. */
export interface ResourceUse {
  readonly busySeconds: number;
  /** From its first start to its last end; 0 when it does nothing. */
  readonly spanSeconds: number;
}

/** By resource number, `count` in all. */
export function resourceUses(tasks: readonly Task[], { start, end }: Schedule, count: number): ResourceUse[] {
  const busy = new Float64Array(count);
  const first = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const last = new Float64Array(count);
  for (const [index, { resource, occupiedSeconds }] of tasks.entries()) {
    busy[resource] = (busy[resource] ?? 0) + occupiedSeconds;
    first[resource] = Math.min(first[resource] ?? 0, start[index] ?? 0);
    last[resource] = Math.max(last[resource] ?? 0, end[index] ?? 0);
  }
  return Array.from(busy, (busySeconds, resource) => ({
    busySeconds,
    spanSeconds: rest(last[resource] ?? 0, first[resource] ?? 0),
  }));
}

export function bubblesOf(use: ResourceUse, latencySeconds: number, periodSeconds: number): Bubbles {
  return {
    internalSeconds: seconds(rest(use.spanSeconds, use.busySeconds)),
    windowSeconds: seconds(rest(latencySeconds, use.busySeconds)),
    steadySeconds: seconds(rest(periodSeconds, use.busySeconds)),
  };
}

/** What is left of `whole`, never below nothing by a rounding, and for ever where something never ends. */
function rest(whole: number, part: number): number {
  if (part === Number.POSITIVE_INFINITY) return 0;
  return Math.max(0, whole - part);
}
