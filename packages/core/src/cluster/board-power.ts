import { watts } from '../units.ts';
import type { Power } from './hardware.ts';

/** Of the device at this position of a test's cluster: no two draw alike, at rest or at work. */
export function boardPower(index: number): Power {
  return {
    kind: 'law',
    staticWatts: watts(index + 1),
    idleWatts: watts(index / 2),
    dynamicWattsAtMaximum: watts(3),
    exponent: 3,
  };
}
