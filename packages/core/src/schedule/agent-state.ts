import { NumberMap } from '../search/number-map.ts';
import type { Seconds } from '../units.ts';
import type { AgentAction, RunningStage } from './agent-event.ts';
import type { AgentPlan, AgentStage, Arrival, Party } from './agent-plan.ts';
import { LatestNumbers } from './latest-numbers.ts';
import type { TicketShare } from './ticket-share.ts';

/**
 * All that an agent's schedule remembers. It belongs to whoever steps it, and `stepAgent` changes it in place; `agentSnapshot` gives it as
 * plain data.
 */
export interface AgentState {
  readonly limits: AgentStateLimits;
  /** In the order in which they were deployed. */
  readonly plans: PlanState[];
  /** In flight here, by number, in the order of their first tensors. */
  readonly requests: NumberMap<AgentRequest>;
  /** The device executes one stage at a time; it stays busy until that stage reports, whatever became of the requests. */
  running: RunningStage | null;
  /** Since when it runs, and when it is overdue if it can be and has not been yet. */
  runningSince: Seconds | null;
  overdueAt: Seconds | null;
  /** Numbers of the latest requests that ended here: what still arrives for them is ignored. */
  readonly ended: LatestNumbers;
  /** Requests that have begun here so far. */
  begun: number;
  /** Requests of which nothing is left but what is kept for a repair. */
  resting: number;
}

export interface AgentStateLimits {
  /** Requests in flight at once. @default 64 */
  readonly requests: number;
  /** Plan versions held at once. @default 4 */
  readonly plans: number;
  /** Ended requests remembered. @default 1024 */
  readonly ended: number;
}

/** A deployed plan, its tensors looked up once, and how far its tickets are. */
export interface PlanState {
  readonly plan: AgentPlan;
  readonly tensors: ReadonlyMap<string, TensorPart>;
  readonly stages: readonly StageState[];
  readonly lanes: readonly Lane[];
  /** By ticket, in the order of their first tensors. */
  readonly requests: NumberMap<AgentRequest>;
  /** Tickets that ended and that a stage has yet to pass over. */
  readonly endedTickets: Set<number>;
  /** No stage starts any more: its requests are moved to another version. */
  frozen: boolean;
}

/** What one tensor of a plan means here. */
export interface TensorPart {
  readonly tensor: string;
  /** Position among the plan's tensors here. */
  readonly index: number;
  readonly arrivals: readonly Arrival[];
  readonly readers: readonly StageState[];
  readonly lanes: readonly Lane[];
}

export interface StageState {
  readonly stage: AgentStage;
  /** Position among this device's stages. */
  readonly position: number;
  readonly inputs: TensorPart[];
  readonly outputs: TensorPart[];
  /** No ticket below it is still to be started. */
  next: number;
  /** Outputs that wait for a credit: while there are any, no ticket is started. */
  waitingSends: number;
  /** When a batch that waits for more starts at the latest; null = none waits. */
  dueAt: Seconds | null;
  /** The longest that it took of late, fading; null = it has not run. */
  slowestSeconds: number | null;
}

/** One tensor's way to one destination, and the credits for it. */
export interface Lane {
  readonly tensor: string;
  readonly to: Party;
  readonly share: TicketShare | undefined;
  free: number;
  /** By ticket, ascending. */
  readonly waiting: WaitingSend[];
}

export interface WaitingSend {
  readonly request: AgentRequest;
  readonly held: HeldTensor;
  /** The stage here that made the tensor; null = it came from elsewhere. */
  readonly producer: StageState | null;
}

export interface AgentRequest {
  readonly request: number;
  readonly ticket: number;
  readonly plan: PlanState;
  readonly deadline: Seconds;
  /** Its place in the order in which requests began here. */
  readonly order: number;
  /** Arrivals to come, own stages to complete and tensors in use: nothing left = done, but for what is kept. */
  open: number;
  /** Tensors that are kept for devices that have yet to release them. */
  kept: number;
  /** Nothing but what is kept is left. */
  resting: boolean;
  /** By position of the stage: inputs that are not here; `notOwn` = another replica's, `started`. */
  readonly missing: number[];
  /** By index of the tensor: null = not here yet, 'gone' = not here any more. */
  readonly held: (HeldTensor | 'gone' | null)[];
}

export const notOwn: number = -1;
export const started: number = -2;
export const completed: number = -3;

export interface HeldTensor {
  readonly part: TensorPart;
  /** Who sent it and waits for its acknowledgement; nobody when it was made here. */
  readonly owedTo: readonly Party[];
  /** Stages here that read it and have yet to start. */
  readers: number;
  /** Ways on which it was sent and not acknowledged. */
  readonly inFlight: Lane[];
  /** Ways on which it waits for a credit. */
  waiting: number;
  /** Devices that it was meant for and that have not released it: until then it is kept for a repair. */
  readonly keptFor: Party[];
}

export interface AgentStep {
  readonly state: AgentState;
  readonly actions: readonly AgentAction[];
  /** When to send a 'tick' at the latest; null = nothing is due. */
  readonly wakeAt: Seconds | null;
}

const defaultAgentStateLimits: AgentStateLimits = { requests: 64, plans: 4, ended: 1024 };

export function initialAgentState(limits: Partial<AgentStateLimits> = {}): AgentState {
  const all = { ...defaultAgentStateLimits, ...limits };
  return {
    limits: all,
    plans: [],
    requests: new NumberMap(),
    running: null,
    runningSince: null,
    overdueAt: null,
    ended: new LatestNumbers(all.ended),
    begun: 0,
    resting: 0,
  };
}
