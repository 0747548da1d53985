import type { Admission } from './gateway-plan-of.ts';
import type { PlannedClock } from './planned-clocks.ts';
import type { Repairer } from './repaired-deployment.ts';
import type { SegmentProgress } from './send-segments.ts';
import type { TraceSubject } from './trace-collector.ts';

export interface DeployOptions extends Admission {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: SegmentProgress) => void;
  /** Note what happens, for `Gateway.trace`; absent = not, unless an earlier deployment asked for it. */
  readonly trace?: TraceSubject;
  /** The matrices of the deployment's decisions, `matrixBytes` long; see `DeployedDecision`. @default nothing */
  readonly matrices?: Uint8Array<ArrayBuffer>;
  /** What is known of other places for the stages, for a deployment with `repair`. @default they are spread evenly */
  readonly repairer?: Repairer;
  /** With `repairer`: stages are loaded on the devices that would take them over, too, as far as memory holds them. @default false */
  readonly standBys?: boolean;
  /** `plannedClocks` of the plan: set when `deploy` resolves. @default every device as it was found */
  readonly clocks?: readonly PlannedClock[];
}
