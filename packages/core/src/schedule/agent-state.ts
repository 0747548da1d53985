import type { ErrorRecord } from '../errors.ts';
import type { Seconds } from '../units.ts';
import type { AgentPlan, Party } from './agent-plan.ts';

/** All that an agent's schedule remembers: JSON-able, never changed in place. */
export interface AgentState {
  readonly limits: AgentStateLimits;
  readonly plans: readonly AgentPlan[];
  /** In flight here, in the order of their first tensors. */
  readonly requests: readonly AgentRequest[];
  /** The device executes one stage at a time; it stays busy until that stage reports, whatever became of the request. */
  readonly running: RunningStage | null;
  /** Numbers of the latest requests that ended here, oldest first: what still arrives for them is ignored. */
  readonly ended: readonly number[];
}

export interface AgentStateLimits {
  /** Requests in flight at once. @default 64 */
  readonly requests: number;
  /** Plan versions held at once. @default 4 */
  readonly plans: number;
  /** Ended requests remembered. @default 256 */
  readonly ended: number;
}

export interface AgentRequest {
  readonly request: number;
  readonly version: number;
  readonly deadline: Seconds;
  readonly arrived: readonly string[];
  /** Tensors whose bytes are kept here. */
  readonly held: readonly HeldTensor[];
  readonly started: readonly number[];
  readonly completed: readonly number[];
}

export interface HeldTensor {
  readonly tensor: string;
  /** Who sent it and waits for its acknowledgement; empty when it was made here. */
  readonly owedTo: readonly Party[];
  /** Stages here that read it and have yet to start. */
  readonly readers: readonly number[];
  /** Parties it was sent to that have yet to acknowledge it. */
  readonly unacknowledged: readonly Party[];
}

export interface RunningStage {
  readonly request: number;
  readonly version: number;
  readonly stage: number;
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
      readonly tensor: string;
    }
  | { readonly kind: 'stage-completed'; readonly stage: RunningStage }
  | { readonly kind: 'stage-failed'; readonly stage: RunningStage; readonly error: ErrorRecord }
  | {
      readonly kind: 'acknowledged';
      readonly from: Party;
      readonly request: number;
      readonly tensor: string;
    }
  | { readonly kind: 'cancelled'; readonly request: number }
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
      readonly tensor: string;
    }
  /** Send held bytes to the gateway as an answer; they stay held. */
  | {
      readonly kind: 'deliver';
      readonly version: number;
      readonly request: number;
      readonly tensor: string;
    }
  | {
      readonly kind: 'execute';
      readonly version: number;
      readonly request: number;
      readonly stage: number;
      readonly inputs: readonly StageInput[];
    }
  | {
      readonly kind: 'acknowledge';
      readonly to: Party;
      readonly version: number;
      readonly request: number;
      readonly tensor: string;
    }
  | { readonly kind: 'drop'; readonly request: number; readonly tensor: string }
  /** Tell the gateway that the request failed here. `request` null = no single request is meant. */
  | {
      readonly kind: 'fail';
      readonly version: number | null;
      readonly request: number | null;
      readonly error: ErrorRecord;
    }
  /** Nothing of the request is left here; whatever is still being sent or executed for it can be aborted. */
  | { readonly kind: 'end'; readonly request: number; readonly outcome: AgentOutcome };

export type AgentOutcome = 'done' | 'failed' | 'cancelled';

export interface StageInput {
  readonly tensor: string;
  /** True: the executor may have the held bytes, which stop being held. False: it gets a copy. */
  readonly handOver: boolean;
}

export interface AgentStep {
  readonly state: AgentState;
  readonly actions: readonly AgentAction[];
  /** When to send a 'tick' at the latest; null = nothing is due. */
  readonly wakeAt: Seconds | null;
}

export const defaultAgentStateLimits: AgentStateLimits = { requests: 64, plans: 4, ended: 256 };

export function initialAgentState(limits: Partial<AgentStateLimits> = {}): AgentState {
  return {
    limits: { ...defaultAgentStateLimits, ...limits },
    plans: [],
    requests: [],
    running: null,
    ended: [],
  };
}
