import type { DeviceId } from '../cluster/cluster.ts';
import type { TensorId } from '../graph/graph.ts';
import type { Source } from '../profile/profile.ts';
import type { Bytes, Seconds } from '../units.ts';

/** What `evaluate(problem, plan)` says that a plan costs: one request alone on idle devices, and a stream's steady period. */
export interface Report {
  readonly latencySeconds: Seconds;
  /** The largest busy time of any device or link for one request: a stream leaves at best at this pace. */
  readonly periodSeconds: Seconds;
  readonly bytesSent: Bytes;
  /** The largest need of any device. */
  readonly peakMemoryBytes: Bytes;
  /** The least certain source among the times used. */
  readonly source: Source;
  /** In the plan's order; times count from the request's arrival. */
  readonly stages: readonly StageReport[];
  /** In the plan's order. */
  readonly transfers: readonly TransferReport[];
  /** Every device that takes part (stages, source, sink). */
  readonly devices: readonly DeviceReport[];
  readonly links: readonly LinkReport[];
  /** Constraints that the plan breaks, one sentence each; empty = feasible. */
  readonly violations: readonly string[];
}

export interface StageReport {
  readonly device: DeviceId;
  readonly computeSeconds: Seconds;
  readonly startSeconds: Seconds;
  readonly endSeconds: Seconds;
  readonly source: Source;
}

export interface TransferReport {
  readonly tensor: TensorId;
  readonly from: DeviceId;
  readonly to: DeviceId;
  readonly bytes: Bytes;
  readonly startSeconds: Seconds;
  readonly endSeconds: Seconds;
}

export interface DeviceReport {
  readonly device: DeviceId;
  readonly busySeconds: Seconds;
  readonly parameterBytes: Bytes;
  readonly activationBytes: Bytes;
  readonly overheadBytes: Bytes;
  readonly memoryBytes: Bytes;
}

export interface LinkReport {
  readonly from: DeviceId;
  readonly to: DeviceId;
  readonly busySeconds: Seconds;
  readonly bytes: Bytes;
}
