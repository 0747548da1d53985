import type { DeviceId } from '../cluster/cluster.ts';
import type { Seconds } from '../units.ts';
import type { Arrival } from './agent-plan.ts';
import type { TicketShare } from './ticket-share.ts';

/** The gateway's part of a deployed plan. */
export interface GatewayPlan {
  readonly version: number;
  /** From a request's submission to its answer, unless the request has its own. Null = none. */
  readonly requestTimeoutSeconds: Seconds | null;
  /** ScheduleDefaults.window, at least 1. @default scheduleDefaults.window */
  readonly window?: number;
  /** ScheduleDefaults.waiting. @default scheduleDefaults.waiting */
  readonly waiting?: number;
  /** Of requests that do not state theirs; of those that wait, the one of the highest is admitted first. @default 0 */
  readonly priority?: number;
  /** Bounds of their own for requests that matter more or less, ascending by `from`. @default one class with `window` and `waiting` */
  readonly classes?: readonly GatewayClass[];
  /** ScheduleDefaults.queue, at least 1, for the inputs that the gateway sends. @default scheduleDefaults.queue */
  readonly queue?: number;
  /** True: answers are handed out in the order of admission. @default false, as they come */
  readonly ordered?: boolean;
  /** What the gateway sends, each once for a ticket and destination. */
  readonly inputs: readonly InputDeparture[];
  /** What it gets, each once for a ticket. */
  readonly outputs: readonly Arrival[];
  /** Tensors that devices hold for the former numbers of the version's requests. @default none */
  readonly adoptions?: readonly InputDeparture[];
  /** True: a lost device suspends the version, whose requests are moved then. @default false, its requests fail */
  readonly repairable?: boolean;
  /** Answers in order come after those of this version, and requests moved from it keep their place. @default none */
  readonly follows?: number;
  /** Every device of the version: who is told that a request has ended early. */
  readonly devices: readonly DeviceId[];
}

export interface GatewayClass {
  /** The least priority; the next class begins with its own. */
  readonly from: number;
  /** In flight at most, of those of the version. @default as many as the version's */
  readonly window?: number;
  /** Waiting at most, apart from other classes. @default GatewayPlan.waiting */
  readonly waiting?: number;
}

export interface InputDeparture {
  readonly tensor: string;
  readonly to: DeviceId;
  /** @default all tickets */
  readonly share?: TicketShare;
}
