import type { DeviceId } from '../cluster/cluster.ts';
import type { ErrorRecord } from '../errors.ts';
import { BinaryHeap } from '../search/binary-heap.ts';
import { NumberMap } from '../search/number-map.ts';
import type { Seconds } from '../units.ts';
import type { GatewayAction } from './gateway-event.ts';
import type { GatewayPlan } from './gateway-plan.ts';
import type { TicketShare } from './ticket-share.ts';
import type { WaitingRequests } from './waiting-requests.ts';

/** All that a gateway's schedule remembers; `stepGateway` changes it in place. */
export interface GatewayState {
  readonly plans: Map<number, GatewayPlanState>;
  /** By number, in the order of submission; until the client has the answer or the failure. */
  readonly requests: NumberMap<GatewayRequest>;
  /** Earliest first; requests that have ended stay in it until they come up. */
  readonly deadlines: BinaryHeap<GatewayRequest>;
  /** Requests of less are refused; null = none are. */
  leastPriority: number | null;
}

export interface GatewayPlanState {
  readonly plan: GatewayPlan;
  readonly lanes: readonly InputLane[];
  /** Submitted and not admitted. */
  readonly waiting: WaitingRequests<GatewayRequest>;
  inFlight: number;
  /** Of each of the plan's classes. */
  readonly inFlightOf: number[];
  nextTicket: number;
  readonly order: AnswerOrder;
  /** Nothing is admitted: its requests are about to be moved. */
  suspended: boolean;
  /** Why no request can be taken any more. */
  lost: ErrorRecord | null;
}

/** Ordered delivery: versions that follow one another share it. */
export interface AnswerOrder {
  /** Of the next request that is admitted. */
  nextTurn: number;
  /** The turn whose answer is next, and what has ended beyond it: the answer, or null for none. */
  nextAnswer: number;
  readonly endedBeyond: Map<number, GatewayRequest | null>;
}

export interface InputLane {
  readonly tensor: string;
  readonly to: DeviceId;
  readonly share: TicketShare | undefined;
  free: number;
  readonly waiting: GatewayRequest[];
}

export interface GatewayRequest {
  readonly request: number;
  readonly plan: GatewayPlanState;
  readonly deadline: Seconds;
  readonly priority: number;
  /** -1 until it is admitted. */
  ticket: number;
  /** Its place in the order of answers; -1 until it is admitted for the first time. */
  turn: number;
  /** Under which it was in flight before it was moved, as long as the devices there have not been told. */
  former: FormerTry | null;
  /** 'complete': all outputs are there, and its turn to be handed out has not come. */
  phase: 'waiting' | 'in-flight' | 'complete' | 'answered' | 'ended';
  /** Outputs that have not come. */
  readonly missing: string[];
  readonly inFlight: InputLane[];
}

export interface FormerTry {
  readonly plan: GatewayPlan;
  readonly request: number;
  readonly ticket: number;
}

export interface GatewayStep {
  readonly state: GatewayState;
  readonly actions: readonly GatewayAction[];
  /** When to send a 'tick' at the latest; null = nothing is due. */
  readonly wakeAt: Seconds | null;
}

export function initialGatewayState(): GatewayState {
  return {
    plans: new Map(),
    requests: new NumberMap(),
    leastPriority: null,
    deadlines: new BinaryHeap((left, right) =>
      left.deadline !== right.deadline ? left.deadline < right.deadline : left.request < right.request,
    ),
  };
}
