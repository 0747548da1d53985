import type { RunningStage } from './agent-event.ts';
import type { Party } from './agent-plan.ts';
import type { AgentRequest, AgentState, PlanState } from './agent-state.ts';

/** An agent's state as plain data, for reports and comparisons. */
export interface AgentSnapshot {
  readonly plans: readonly PlanSnapshot[];
  readonly running: RunningStage | null;
  readonly ended: readonly number[];
}

export interface PlanSnapshot {
  readonly version: number;
  readonly stages: readonly {
    readonly stage: number;
    readonly next: number;
    readonly waitingSends: number;
  }[];
  readonly lanes: readonly LaneSnapshot[];
  readonly requests: readonly RequestSnapshot[];
  readonly endedTickets: readonly number[];
}

export interface LaneSnapshot {
  readonly tensor: string;
  readonly to: Party;
  readonly free: number;
  /** Requests. */
  readonly waiting: readonly number[];
}

export interface RequestSnapshot {
  readonly request: number;
  readonly ticket: number;
  readonly deadline: number;
  readonly held: readonly string[];
  /** By this device's stages: inputs that are not here; -1 = not its ticket, -2 = started, -3 = completed. */
  readonly missing: readonly number[];
}

export function agentSnapshot({ plans, running, ended }: AgentState): AgentSnapshot {
  return { plans: plans.map(planSnapshot), running, ended: ended.values() };
}

function planSnapshot({ plan, stages, lanes, requests, endedTickets }: PlanState): PlanSnapshot {
  return {
    version: plan.version,
    stages: stages.map(({ stage, next, waitingSends }) => ({ stage: stage.stage, next, waitingSends })),
    lanes: lanes.map(({ tensor, to, free, waiting }) => {
      return { tensor, to, free, waiting: waiting.map(({ request }) => request.request) };
    }),
    requests: [...requests.values()].map(requestSnapshot),
    endedTickets: [...endedTickets],
  };
}

function requestSnapshot({ request, ticket, deadline, held, missing }: AgentRequest): RequestSnapshot {
  const names = held.flatMap((one) => (one === null || one === 'gone' ? [] : [one.part.tensor]));
  return { request, ticket, deadline, held: names, missing: [...missing] };
}
