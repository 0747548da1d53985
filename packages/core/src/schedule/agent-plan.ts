import type { DeviceId } from '../cluster/cluster.ts';
import type { Seconds } from '../units.ts';

/** Who sends or receives a tensor: a device, or null = the gateway. */
export type Party = DeviceId | null;

/** One device's part of a deployed plan: which tensors come in, what runs on them and where results go. Names only. */
export interface AgentPlan {
  readonly version: number;
  /** Counted from a request's first tensor here; after it the request fails and leaves nothing behind. */
  readonly requestTimeoutSeconds: Seconds;
  /** This device's stages, in the plan's order. */
  readonly stages: readonly AgentStage[];
  /** Every tensor that another party sends here, each once. */
  readonly arrivals: readonly Arrival[];
  /** Every tensor that this device sends on, each once; the tensor arrives here or a stage here makes it. */
  readonly departures: readonly Departure[];
}

export interface AgentStage {
  /** Position in `Plan.stages`. */
  readonly stage: number;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export interface Arrival {
  readonly tensor: string;
  readonly from: Party;
}

export interface Departure {
  readonly tensor: string;
  readonly to: readonly Party[];
}
