import type { DeviceId } from '../cluster/cluster.ts';
import type { Seconds } from '../units.ts';
import type { TicketShare } from './ticket-share.ts';

/** Who sends or receives a tensor: a device, or null = the gateway. */
export type Party = DeviceId | null;

/** One device's part of a deployed plan: which tensors come in, what runs on them and where results go. Names only. */
export interface AgentPlan {
  readonly version: number;
  /** Counted from a request's first tensor here; after it the request fails and leaves nothing behind. Null = never. */
  readonly requestTimeoutSeconds: Seconds | null;
  /** Stages of a version with a higher priority start before those of others. @default 0 */
  readonly priority?: number;
  /** ScheduleDefaults.queue, at least 1. @default scheduleDefaults.queue */
  readonly queue?: number;
  /** What the device does for requests that lose another device. @default they fail */
  readonly repair?: AgentRepair;
  /** This device's stages, in the plan's order. */
  readonly stages: readonly AgentStage[];
  /** Every tensor that another party sends here, each once for a ticket. */
  readonly arrivals: readonly Arrival[];
  /**
   * Every tensor that this device sends on, each once for a ticket and destination; the tensor arrives here or a stage here makes it.
   * What a stage makes is sent in this order.
   */
  readonly departures: readonly Departure[];
}

export interface AgentRepair {
  /** True: what was sent to a device stays here until all that the device made of it is with others. */
  readonly retain: boolean;
}

export interface AgentStage {
  /** Position in `Plan.stages`. */
  readonly stage: number;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** The tickets that this device executes where the stage has replicas elsewhere. @default all */
  readonly share?: TicketShare;
  /** Up to so many tickets are executed together when they are ready. @default 1 */
  readonly batch?: number;
  /** How long the first of them waits for others. @default 0, only what is ready already goes together */
  readonly batchWaitSeconds?: Seconds;
  /** What a request takes in all beside that wait: nobody waits until less than twice that is left before its deadline. @default 0 */
  readonly batchRestSeconds?: Seconds;
  /** Within which 99 of 100 runs of one request should end. @default not known before it has run */
  readonly p99Seconds?: Seconds;
}

export interface Arrival {
  readonly tensor: string;
  /** This device itself: the tensor is here already, from an earlier try. */
  readonly from: Party;
  /** @default all tickets */
  readonly share?: TicketShare;
}

export interface Departure {
  readonly tensor: string;
  readonly to: readonly Party[];
  /** @default all tickets */
  readonly share?: TicketShare;
}
