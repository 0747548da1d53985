import type { DeviceId } from '../cluster/cluster.ts';
import type { Seconds } from '../units.ts';

/** Where a number comes from: timed here, learned from timings elsewhere, or computed from rates. */
export type Source = 'measured' | 'predicted' | 'roofline';

/** Measured execution times of single nodes on devices; empty when nothing was measured. */
export interface Profile {
  readonly rows: readonly ProfileRow[];
}

export interface ProfileRow {
  /** Node.name */
  readonly node: string;
  readonly device: DeviceId;
  readonly seconds: Seconds;
  readonly source: Source;
}
