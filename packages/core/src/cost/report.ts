import type { DeviceId, HostId } from '../cluster/cluster.ts';
import type { TensorId } from '../graph/graph.ts';
import type { Source } from '../profile/profile.ts';
import type { Bytes, Joules, Seconds } from '../units.ts';
import type { Bubbles } from './bubbles.ts';
import type { DeviceMemory } from './device-memory.ts';
import type { DeviceEnergy } from './energy.ts';
import type { Overlap } from './overlap.ts';
import type { Together } from './placed-stage.ts';

/**
 * What `evaluate(problem, plan)` says that a plan costs: one request alone on idle devices, and a stream's steady period. Where requests
 * run in several ways (`Plan.mix`, `Stage.replicas`), latency is that of the slowest way alone on idle devices, since any request may be that one; memory
 * holds all ways at once; whatever else is of one request is the mean over the pattern.
 */
export interface Report {
  readonly latencySeconds: Seconds;
  /**
   * The largest busy time of any device or link for one request: a stream leaves at best at this pace. Links whose rate changes count
   * with the rate that they start with (`TransferTable`), because a stream meets every part of a trace.
   */
  readonly periodSeconds: Seconds;
  /**
   * When the last of the workload's requests has ended: latency + (requests − 1) × period. Exact where a request visits each device
   * and link once, one after the other, and an estimate where it branches or comes back. Of a mix: by the recursion of `BatchClock`.
   */
  readonly makespanSeconds: Seconds;
  /** Of one request; null when it cannot be told. */
  readonly energyJoules: Joules | null;
  /** Why it cannot, one sentence; null when it can. */
  readonly energyUnknown: string | null;
  /** As the plan's codecs make them; coding itself is taken to cost no time. */
  readonly bytesSent: Bytes;
  /** The share of answers that the plan's codecs and exits cost at most, by the problem's accuracy or the assumption of `codecLoss`. */
  readonly accuracyLoss: number;
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
  /** Every host with a device that takes part. */
  readonly hosts: readonly HostReport[];
  readonly links: readonly LinkReport[];
  /** Null unless the stages run on exactly two devices, in one way, without policies and batches. */
  readonly overlap: Overlap | null;
  /** Of a plan with a mix or replicas: each way, the plan's own first; `stages` and `transfers` are that one's. */
  readonly variants?: readonly VariantReport[];
  /**
   * Present for a plan with policies. Latency, period, makespan, energy, bytes, busy times and bubbles of its report are means over
   * requests; stages and transfers are those of a request that stays until the end.
   */
  readonly expectation?: Expectation;
  /** Constraints that the plan breaks, one sentence each; empty = feasible. */
  readonly violations: readonly string[];
}

/** One of the ways in which a plan runs requests: one such request alone on idle devices. */
export interface VariantReport
  extends Pick<Report, 'latencySeconds' | 'energyJoules' | 'bytesSent' | 'stages' | 'transfers'> {
  /** How many of the pattern's. */
  readonly requests: number;
}

/** What becomes of requests that decide for themselves how far they go. */
export interface Expectation {
  /** In the plan's order. */
  readonly exits: readonly ExitReport[];
  /** Of all requests, 0 to 1: those that run the whole model. */
  readonly stayingShare: number;
  /** Of a request that meets every exit and stays, or whose answer takes longer than that from an exit. */
  readonly worstLatencySeconds: Seconds;
}

export interface ExitReport {
  readonly tensor: TensorId;
  readonly device: DeviceId;
  readonly share: number;
  /** Until the answer of a request that leaves here is at the sink. */
  readonly latencySeconds: Seconds;
}

export interface StageReport {
  readonly device: DeviceId;
  readonly computeSeconds: Seconds;
  /** Before that, where parameters do not stay loaded: reading them at the device's load rate; 0 where the cluster does not state it. */
  readonly loadSeconds: Seconds;
  readonly startSeconds: Seconds;
  readonly endSeconds: Seconds;
  readonly source: Source;
  /** Where requests run together: `computeSeconds` and the end are those of a full batch, and this of one alone. @default one at a time */
  readonly together?: ReportedBatch;
}

export interface ReportedBatch extends Together {
  /** What a request takes in all but that wait. */
  readonly restSeconds: Seconds;
}

export interface TransferReport {
  readonly tensor: TensorId;
  readonly from: DeviceId;
  readonly to: DeviceId;
  readonly bytes: Bytes;
  readonly startSeconds: Seconds;
  readonly endSeconds: Seconds;
}

export interface DeviceReport extends DeviceMemory {
  readonly device: DeviceId;
  /** Loading included; of a batch, the request's part. */
  readonly busySeconds: Seconds;
  readonly bubbles: Bubbles;
  /** Null when the energy of any device that takes part is not known. */
  readonly energy: DeviceEnergy | null;
}

export interface HostReport {
  readonly host: HostId;
  /** Of its devices that take part. */
  readonly memoryBytes: Bytes;
}

export interface LinkReport {
  readonly from: DeviceId;
  readonly to: DeviceId;
  /** By this request, at the rates that it meets. */
  readonly busySeconds: Seconds;
  readonly bubbles: Bubbles;
  readonly bytes: Bytes;
}
