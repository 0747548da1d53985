import type { Bytes, BytesPerSecond, FlopsPerSecond, Hertz, Watts } from '../units.ts';

/** The clock rates that a device can be set to; levels ascend, and a range has minimum <= maximum. */
export type Frequencies =
  | { readonly kind: 'levels'; readonly levelsHertz: readonly Hertz[] }
  | { readonly kind: 'range'; readonly minimumHertz: Hertz; readonly maximumHertz: Hertz };

/** What a device draws. */
export type Power = PowerLaw | PowerTable;

/** Busy at frequency f: staticWatts + dynamicWattsAtMaximum × (f / highest f)^exponent. Waiting: idleWatts, which includes the static part. */
export interface PowerLaw {
  readonly kind: 'law';
  readonly staticWatts: Watts;
  readonly idleWatts: Watts;
  readonly dynamicWattsAtMaximum: Watts;
  /** 3 where the voltage follows the frequency, 1 where it is fixed. @default 3 */
  readonly exponent: number;
}

/** Busy at frequency f: on the line between the neighbouring points, the nearest point outside of them. Waiting: idleWatts. */
export interface PowerTable {
  readonly kind: 'table';
  readonly idleWatts: Watts;
  /** At least one; frequencies ascend. */
  readonly points: readonly PowerPoint[];
}

export interface PowerPoint {
  readonly hertz: Hertz;
  readonly watts: Watts;
}

/** What kind of thing a device is, for a predictor that has not seen it. */
export type DeviceClass =
  | 'accelerator'
  | 'board'
  | 'browser'
  | 'desktop'
  | 'laptop'
  | 'phone'
  | 'server'
  | 'virtual-machine';

/** What a latency predictor can learn from; every field that is not known is absent. */
export interface Microarchitecture {
  readonly class?: DeviceClass;
  /** CPU cores, or the streaming multiprocessors of a GPU. */
  readonly cores?: number;
  /** Width of one vector instruction of one core, in bits. */
  readonly simdBits?: number;
  /** Fused multiply-add units of one core, each `simdBits` wide. */
  readonly fmaUnits?: number;
  /** Of one core. */
  readonly level1Bytes?: Bytes;
  /** Of one core, or of the cluster of cores that shares it. */
  readonly level2Bytes?: Bytes;
  readonly level3Bytes?: Bytes;
  /** Instruction sets by their usual names, such as 'avx2', 'neon' or 'tensor-cores'. */
  readonly instructionSets?: readonly string[];
  /** Measured: a large product of fp32 matrices, with the device's threads. */
  readonly matrixFlopsPerSecond?: FlopsPerSecond;
  /** Measured: a copy of a block larger than the caches; a byte copied counts once. */
  readonly copyBytesPerSecond?: BytesPerSecond;
}
