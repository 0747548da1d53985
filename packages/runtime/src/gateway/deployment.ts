import type {
  AffineBits,
  AgentRepair,
  BitsPerSecond,
  Codec,
  DeviceId,
  ElementType,
  Party,
  Seconds,
  TicketShare,
} from '@tandem/core';
import type { DeployedDecision } from './deployed-decision.ts';

/** A plan as the agents receive it: every device gets the whole and acts on its part. Plain data. */
export interface Deployment {
  /** Plan.version */
  readonly version: number;
  /** Counted at each device from the request's first tensor there. */
  readonly requestTimeoutSeconds: Seconds;
  /** Tensors of one kind on their way to one destination, unacknowledged: at least 1 (ScheduleDefaults.queue). */
  readonly queue: number;
  /**
   * Of its stages and, unless they say otherwise, its requests: where several versions are deployed, a device that is free begins a stage of the
   * highest first. @default 0
   */
  readonly priority?: number;
  /** Every tensor that crosses between stages or devices, the graph's inputs and outputs included. */
  readonly tensors: readonly DeployedTensor[];
  /** In the plan's order. */
  readonly stages: readonly DeployedStage[];
  /**
   * Who sends which tensor to whom, each once; the gateway (null) sends the inputs and gets the outputs. From a device to itself: the
   * tensor is there when a request begins, from an earlier try.
   */
  readonly routes: readonly Route[];
  /** Links that the sending agent slows down to what the cluster says. */
  readonly pacedLinks: readonly PacedLink[];
  /** What is decided request by request. @default nothing */
  readonly decisions?: readonly DeployedDecision[];
  /** What agents do for requests that lose a device. @default they fail */
  readonly repair?: AgentRepair;
  /** True: a repair has cut stages otherwise than the plan. @default false */
  readonly recut?: boolean;
}

export interface DeployedTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
}

export interface DeployedStage {
  /** Position in `Plan.stages`. */
  readonly stage: number;
  readonly device: DeviceId;
  /** SegmentManifest.digest */
  readonly segment: string;
  readonly threads: number;
  /** Processors to which its threads are held. @default any */
  readonly cpus?: readonly number[];
  readonly optimisation: 'all' | 'basic';
  /** The answer is held until this long after the start; null = as fast as the device can. */
  readonly paceSeconds: Seconds | null;
  /** AgentStage.p99Seconds */
  readonly p99Seconds?: Seconds;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** The tickets that this device executes; replicas are entries of the same stage on other devices. @default all */
  readonly share?: TicketShare;
  /** Where requests run together. @default one at a time */
  readonly batch?: DeployedBatch;
}

/** Requests of one stage that run together, as rows of one batch: its segment takes any number of them. */
export interface DeployedBatch {
  /** At most, from 2 on. */
  readonly requests: number;
  /** AgentStage.batchWaitSeconds */
  readonly waitSeconds: Seconds;
  /** AgentStage.batchRestSeconds */
  readonly restSeconds: Seconds;
  /** Like `DeployedStage.paceSeconds`, of a full batch. */
  readonly paceSeconds: Seconds | null;
}

export interface Route {
  readonly tensor: string;
  readonly from: Party;
  readonly to: Party;
  /** How the tensor travels; to and from the gateway as it is. */
  readonly codec: Codec;
  /** Where a decision chooses the bits of an affine codec: from so few to so many. @default those of `codec` */
  readonly bits?: BitsRange;
  /** True: to the gateway, which keeps it in case it is lost everywhere else; no part of the answer. @default false */
  readonly copy?: boolean;
  /** The tickets that go this way. @default all */
  readonly share?: TicketShare;
}

export interface BitsRange {
  readonly least: AffineBits;
  readonly most: AffineBits;
}

export interface PacedLink {
  readonly from: DeviceId;
  readonly to: DeviceId;
  readonly bitsPerSecond: BitsPerSecond;
  /** Half the round trip and what each message costs. */
  readonly oneWaySeconds: Seconds;
}
