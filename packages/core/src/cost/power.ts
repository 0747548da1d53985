import type { Device } from '../cluster/cluster.ts';
import { frequencyShare, highestHertz } from '../plan/frequency.ts';
import type { Plan } from '../plan/plan.ts';

/** What a device draws, in watts. */
export interface Draw {
  /** Whenever it is busy, at any clock rate. */
  readonly staticWatts: number;
  /** While it is busy, on top of that. */
  readonly dynamicWatts: number;
  /** While it waits, everything included. */
  readonly idleWatts: number;
}

/**
 * What `device` draws at the clock rate that a plan sets: P_static + P_dyn(f_max) (f / f_max)^exponent, COINFER's k f³ where the
 * exponent is 3. Of a table, what it draws while waiting counts as static and the rest as dynamic. Null when its power is not known.
 */
export function drawOf(device: Device, frequency: Plan['frequency']): Draw | null {
  const { power } = device;
  if (power === undefined) return null;
  if (power.kind === 'law') {
    const share = frequencyShare(device, frequency) ** power.exponent;
    const { staticWatts, idleWatts } = power;
    return { staticWatts, idleWatts, dynamicWatts: power.dynamicWattsAtMaximum * share };
  }
  const rate = frequency?.[device.id] ?? highestHertz(device) ?? Number.POSITIVE_INFINITY;
  const watts = wattsAt(power.points, rate);
  const staticWatts = Math.min(power.idleWatts, watts);
  return { staticWatts, dynamicWatts: watts - staticWatts, idleWatts: power.idleWatts };
}

interface Point {
  readonly hertz: number;
  readonly watts: number;
}

function wattsAt(points: readonly Point[], rate: number): number {
  const above = points.findIndex(({ hertz }) => hertz >= rate);
  const right = points.at(above);
  const left = above > 0 ? points[above - 1] : undefined;
  if (right === undefined) return 0;
  if (above < 0 || left === undefined) return right.watts;
  const share = (rate - left.hertz) / (right.hertz - left.hertz);
  return left.watts + share * (right.watts - left.watts);
}
