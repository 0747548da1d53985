import type { DeviceId } from '../cluster/cluster.ts';
import type { Distribution } from '../search/distribution.ts';
import type { Bytes, Joules, Seconds } from '../units.ts';

/** What a trace comes to, measured or simulated: one shape for both. JSON-able. */
export interface Metrics {
  readonly origin: 'measured' | 'simulated';
  readonly requests: RequestCounts;
  /** From a request's arrival to its whole answer, of those that were answered; null without any. */
  readonly latencySeconds: Distribution | null;
  /** From arrival to admission. */
  readonly admissionSeconds: Distribution | null;
  /** From the first arrival to the last thing that happened to a request. */
  readonly windowSeconds: Seconds;
  /** Answers / time from the first arrival to the last answer; null where that is no time. */
  readonly requestsPerSecond: number | null;
  /** The same after the first tenth of the answers, rounded up, from the last of those on; null with fewer than two after it. */
  readonly steadyRequestsPerSecond: number | null;
  /** In the header's order. */
  readonly devices: readonly DeviceMetrics[];
  readonly links: readonly LinkMetrics[];
  readonly energy: EnergyMetrics;
  /** Over links between devices. */
  readonly bytesSent: Bytes;
  /** Answers given early, by stage, ascending. */
  readonly exits: readonly ExitCount[];
  /** Tensors sent with so many bits an element, ascending. */
  readonly bits: readonly BitsCount[];
}

export interface RequestCounts {
  readonly arrived: number;
  readonly admitted: number;
  readonly answered: number;
  readonly failed: number;
  /** Neither answered nor failed when the trace ended. */
  readonly open: number;
}

export interface ExitCount {
  readonly version: number;
  readonly stage: number;
  readonly requests: number;
}

export interface BitsCount {
  readonly bits: number;
  readonly tensors: number;
}

/** How a device or a link spent its time. */
export interface UseMetrics {
  readonly busySeconds: Seconds;
  /** Busy / window; 0 where the window is no time. */
  readonly utilisation: number;
  /** Stages executed or tensors sent; a batch is one. */
  readonly jobs: number;
  readonly bubbles: TraceBubbles;
}

/** Idle time, in the three senses that are in use. */
export interface TraceBubbles {
  /** Between its first start and its last end. */
  readonly internalSeconds: Seconds;
  /** In the window: filling and draining count. */
  readonly windowSeconds: Seconds;
  /** Of the window's: nothing to do was ready. */
  readonly starvedSeconds: Seconds;
  /** Of the window's: a stage had finished and its outputs waited for room downstream. */
  readonly blockedSeconds: Seconds;
  /** Internal / (last end − first start); 0 where that is no time. */
  readonly ratio: number;
}

export interface DeviceMetrics extends UseMetrics {
  readonly device: DeviceId;
  /** Requests of which a tensor has come and no stage has started since. */
  readonly queue: QueueMetrics;
}

export interface QueueMetrics {
  /** Mean over the window. */
  readonly meanLength: number;
  readonly longest: number;
  /**
   * At a device, from the latest tensor's arrival to the start of the stage, of those that had to be sent here. On a link, from the end
   * of what the sender last did for the request (a stage, coding, receiving) to the first bit, waiting for room downstream included.
   */
  readonly waitSeconds: Distribution | null;
}

export interface LinkMetrics extends UseMetrics {
  readonly from: DeviceId;
  readonly to: DeviceId;
  readonly bytes: Bytes;
  /** Tensors that are ready and have not set out. */
  readonly queue: QueueMetrics;
}

/** Null where it cannot be told, with the reason. */
export interface EnergyMetrics {
  readonly energyJoules: Joules | null;
  readonly perAnswerJoules: Joules | null;
  readonly devices: readonly { readonly device: DeviceId; readonly energyJoules: Joules }[];
  readonly unknown: string | null;
}
