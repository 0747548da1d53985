import type { ErrorRecord } from '../errors.ts';
import type { Seconds } from '../units.ts';
import type { AgentPlan, Party } from './agent-plan.ts';

/** A stage at work, on one ticket or on several together. */
export interface RunningStage {
  readonly version: number;
  readonly stage: number;
  /** By ticket, ascending. */
  readonly requests: readonly number[];
}

/** What happens to an agent. `from` is who said it. */
export type AgentEvent =
  | { readonly kind: 'deployed'; readonly plan: AgentPlan }
  | { readonly kind: 'withdrawn'; readonly version: number }
  | {
      readonly kind: 'tensor-arrived';
      readonly from: Party;
      readonly version: number;
      readonly request: number;
      /** The request's place in the order of its version, from 0. */
      readonly ticket: number;
      readonly tensor: string;
    }
  | {
      readonly kind: 'stage-completed';
      readonly stage: RunningStage;
      /** Requests that this stage has answered: nothing else of them is executed. @default none */
      readonly exits?: readonly number[];
    }
  | { readonly kind: 'stage-failed'; readonly stage: RunningStage; readonly error: ErrorRecord }
  | {
      readonly kind: 'acknowledged';
      readonly from: Party;
      readonly request: number;
      readonly tensor: string;
    }
  /** The request has ended elsewhere (cancelled, failed, answered early), or never comes here: its ticket is passed over. */
  | {
      readonly kind: 'cancelled';
      readonly version: number;
      readonly request: number;
      readonly ticket: number;
    }
  /** The device needs nothing any more of what was sent to it for the request: what it made of it is with others. */
  | { readonly kind: 'released'; readonly from: Party; readonly request: number }
  /** Start no more stages of the version, and say what is held for its requests. */
  | { readonly kind: 'frozen'; readonly version: number }
  | { readonly kind: 'peer-lost'; readonly peer: Party; readonly error: ErrorRecord }
  /** Nothing but the passing of time: sent at `wakeAt`. */
  | { readonly kind: 'tick' };

/** What the agent has to do, in this order. */
export type AgentAction =
  /** Hold the bytes that came with the event under this name; bytes that are not kept are garbage. */
  | { readonly kind: 'keep'; readonly request: number; readonly tensor: string }
  /** Send held bytes to a device; they stay held. */
  | {
      readonly kind: 'send';
      readonly to: string;
      readonly version: number;
      readonly request: number;
      readonly ticket: number;
      readonly tensor: string;
    }
  /** Send held bytes to the gateway as an answer; they stay held. */
  | {
      readonly kind: 'deliver';
      readonly version: number;
      readonly request: number;
      readonly ticket: number;
      readonly tensor: string;
    }
  | {
      readonly kind: 'execute';
      readonly version: number;
      readonly stage: number;
      /** By ticket, ascending; more than one where the stage's `batch` allows. */
      readonly members: readonly ExecuteMember[];
    }
  | {
      readonly kind: 'acknowledge';
      readonly to: Party;
      readonly version: number;
      readonly request: number;
      readonly tensor: string;
    }
  /** Tell a device that its tensors of the request are needed no more. */
  | { readonly kind: 'release'; readonly to: string; readonly version: number; readonly request: number }
  /** Tell the gateway what is held for the requests of a frozen version. */
  | { readonly kind: 'holding'; readonly version: number; readonly requests: readonly HeldRequest[] }
  /** Tell the gateway that a stage has run for so long, longer than it should. */
  | {
      readonly kind: 'overdue';
      readonly version: number;
      readonly stage: number;
      readonly seconds: Seconds;
    }
  /** Tell the gateway that requests wait for a device that cannot be reached from here. */
  | { readonly kind: 'accuse'; readonly peer: Party; readonly error: ErrorRecord }
  | { readonly kind: 'drop'; readonly request: number; readonly tensor: string }
  /** For the trace: outputs of the stage wait for room downstream, so that it may not start its next ticket; or it may again. */
  | { readonly kind: 'blocked' | 'unblocked'; readonly version: number; readonly stage: number }
  /** Tell the gateway that this stage has answered the request. */
  | {
      readonly kind: 'exit';
      readonly version: number;
      readonly request: number;
      readonly ticket: number;
      readonly stage: number;
    }
  /** Tell the gateway that the request failed here. `request` null = no single request is meant. */
  | {
      readonly kind: 'fail';
      readonly version: number | null;
      readonly request: number | null;
      readonly error: ErrorRecord;
    }
  /** Nothing of the request is left here; whatever is still being sent or executed for it can be aborted. */
  | { readonly kind: 'end'; readonly request: number; readonly outcome: AgentOutcome };

export interface HeldRequest {
  readonly request: number;
  readonly tensors: readonly string[];
}

export type AgentOutcome = 'done' | 'failed' | 'cancelled' | 'exited';

export interface ExecuteMember {
  readonly request: number;
  readonly ticket: number;
  readonly inputs: readonly StageInput[];
}

export interface StageInput {
  readonly tensor: string;
  /** True: the executor may have the held bytes, which stop being held. False: it gets a copy. */
  readonly handOver: boolean;
}
