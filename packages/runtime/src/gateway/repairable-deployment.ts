import type { SegmentSource } from '../segment/segment.ts';
import type { Deployment } from './deployment.ts';
import type { Admission } from './gateway-plan-of.ts';
import type { Repairer } from './repaired-deployment.ts';
import type { StandBys } from './stand-bys.ts';

/** A deployment that outlives its devices, in its latest version. */
export interface RepairableDeployment {
  /** Those that repairs make are added. */
  readonly segments: Map<string, SegmentSource>;
  readonly admission: Admission;
  /** Of `latest`. */
  repairer: Repairer | undefined;
  /** Null = no stage stands by. */
  readonly standBys: StandBys | null;
  /** The version that requests to come run under. */
  latest: Deployment;
  /** Nobody could take what was lost: another device has to come. */
  stranded: boolean;
}

/** What a deployment comes with. */
export type Repairable = Pick<RepairableDeployment, 'admission' | 'repairer'> & {
  readonly segments: ReadonlyMap<string, SegmentSource>;
};

export function addSegments(
  { segments }: Pick<RepairableDeployment, 'segments'>,
  more: ReadonlyMap<string, SegmentSource>,
): void {
  for (const [digest, segment] of more) segments.set(digest, segment);
}

/** How long the parts of a repair took. */
export interface RepairTimes {
  /** Until survivors had said what they hold. */
  holdingSeconds: number;
  /** Until it was known where stages go. */
  placingSeconds: number;
  /** Until weights were there and loaded. */
  loadingSeconds: number;
}
