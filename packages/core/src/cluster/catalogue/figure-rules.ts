import {
  type BytesPerSecond,
  bytesPerSecond,
  type FlopsPerSecond,
  flopsPerSecond,
  hertz,
  watts,
} from '../../units.ts';
import type { Frequencies, Power } from '../hardware.ts';
import { derived, estimate, type Sourced } from './sourced.ts';

/** Every figure of an entry that is worked out and not printed comes from one of these rules. */

/** 2 operations (a fused multiply-add) × CUDA cores × clock. */
export function peakOfCudaCores(cores: number, megahertz: number): Sourced<FlopsPerSecond> {
  const source = `2 operations × ${cores} CUDA cores × ${megahertz} MHz`;
  return derived(source)(flopsPerSecond(2 * cores * megahertz * 1e6));
}

/** Clusters of CPU cores: [count, operations of one core in a cycle, MHz]. */
export function peakOfCores(
  ...clusters: readonly (readonly [count: number, operations: number, megahertz: number])[]
): Sourced<FlopsPerSecond> {
  const terms = clusters.map(
    ([count, operations, megahertz]) => `${count} × ${operations} × ${megahertz} MHz`,
  );
  const sum = clusters.reduce(
    (total, [count, operations, megahertz]) => total + count * operations * megahertz,
    0,
  );
  return derived(
    `cores × fp32 operations in a cycle (usual for such cores, not checked) × clock: ${terms.join(' + ')}`,
  )(flopsPerSecond(sum * 1e6));
}

/** What kernels sustain where nobody measured it. */
export function shareOfPeak(
  peak: Sourced<FlopsPerSecond>,
  share: number,
  why: string,
): Sourced<FlopsPerSecond> {
  return estimate(`${share} of the peak: ${why}`)(flopsPerSecond(peak.value * share));
}

export function shareOfBandwidth(
  peak: Sourced<BytesPerSecond>,
  share: number,
  why: string,
): Sourced<BytesPerSecond> {
  return estimate(`${share} of the peak: ${why}`)(bytesPerSecond(peak.value * share));
}

/** The measured draw of waiting and of all cores busy; the whole idle draw counts as static and the rest grows with f³. */
export function lawBetween(idle: number, busy: number): Power {
  return {
    kind: 'law',
    staticWatts: watts(idle),
    idleWatts: watts(idle),
    dynamicWattsAtMaximum: watts(busy - idle),
    exponent: 3,
  };
}

/** The peak power divided where nobody published the idle draw. */
export function estimatedPower(peakWatts: number, idleShare: number): Sourced<Power> {
  const rule = `busy ${peakWatts} W; idle and static ${idleShare} of that, the rest grows with the cube of the clock`;
  return estimate(rule)(lawBetween(peakWatts * idleShare, peakWatts));
}

export function levels(...megahertz: readonly number[]): Frequencies {
  return { kind: 'levels', levelsHertz: megahertz.map((rate) => hertz(rate * 1e6)) };
}

export function range(minimum: number, maximum: number): Frequencies {
  return { kind: 'range', minimumHertz: hertz(minimum * 1e6), maximumHertz: hertz(maximum * 1e6) };
}
