import type { DeviceId } from '../cluster/cluster.ts';
import type { Hertz, Seconds } from '../units.ts';

/** Where a number comes from: timed here, learned from timings elsewhere, or computed from rates. */
export type Source = 'measured' | 'predicted' | 'roofline';

/**
 * Execution times on devices under the conditions of one problem (thread count, batch, clock rate); empty when nothing was measured.
 * `profileFor` makes one of a measured profile.
 */
export interface Profile {
  readonly rows: readonly ProfileRow[];
  /** Times of whole sub-models. Each beats the sum of its nodes, because a model runtime fuses nodes. @default none */
  readonly segments?: readonly SegmentTime[];
  /** What the same took with other numbers of threads than the device has. @default not measured */
  readonly otherThreads?: readonly ThreadTimes[];
  /** What it took for several requests together. @default not measured */
  readonly otherBatches?: readonly BatchTimes[];
}

/** A device's times for so many requests at once. */
export interface BatchTimes extends Pick<Profile, 'rows' | 'segments'> {
  readonly device: DeviceId;
  readonly requests: number;
}

/** A device's times with so many threads. */
export interface ThreadTimes extends Pick<Profile, 'rows' | 'segments'> {
  readonly device: DeviceId;
  readonly threads: number;
}

export interface ProfileRow {
  /** Node.name */
  readonly node: string;
  readonly device: DeviceId;
  readonly seconds: Seconds;
  readonly source: Source;
  /** Times at slower clock rates. @default none measured */
  readonly levels?: readonly LevelSeconds[];
}

/** A time that was measured with the clock held at a rate. */
export interface LevelSeconds {
  readonly hertz: Hertz;
  readonly seconds: Seconds;
}

export interface SegmentTime {
  /** As `nodeRanges` writes it. */
  readonly segment: string;
  readonly device: DeviceId;
  readonly seconds: Seconds;
  /** Between the quartiles of repeated measurements. */
  readonly spreadSeconds?: Seconds;
  readonly source: Source;
  /** Times at slower clock rates. @default none measured */
  readonly levels?: readonly LevelSeconds[];
}
