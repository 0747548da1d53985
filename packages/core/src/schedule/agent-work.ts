import type { Seconds } from '../units.ts';
import type { AgentAction } from './agent-event.ts';
import type { AgentRequest, AgentState, PlanState } from './agent-state.ts';
import { covers } from './ticket-share.ts';

/** One event being worked on: the state that it changes and what has to be done for it so far. */
export interface AgentWork {
  readonly state: AgentState;
  readonly now: Seconds;
  readonly actions: AgentAction[];
}

export function planOf(state: AgentState, version: number): PlanState | null {
  for (const plan of state.plans) if (plan.plan.version === version) return plan;
  return null;
}

/** Later tensors of this request are ignored, and stages pass over its ticket. */
export function remember(
  { state }: AgentWork,
  plan: PlanState | null,
  request: number,
  ticket: number,
): void {
  state.ended.add(request);
  dropOldest(state.ended, state.limits.ended);
  if (plan === null || !isAhead(plan, ticket)) return;
  plan.endedTickets.add(ticket);
  dropOldest(plan.endedTickets, state.limits.ended);
}

/** Whether a stage here has yet to come to the ticket. */
export function isAhead({ stages }: PlanState, ticket: number): boolean {
  for (const { stage, next } of stages) if (next <= ticket && covers(stage.share, ticket)) return true;
  return false;
}

function dropOldest(numbers: Set<number>, most: number): void {
  if (numbers.size <= most) return;
  for (const oldest of numbers) {
    numbers.delete(oldest);
    return;
  }
}

/** A request is done here when all came, all ran and nothing is held any more. */
export function endWhenDone(work: AgentWork, request: AgentRequest): void {
  if (request.open > 0 || work.state.requests.get(request.request) !== request) return;
  forget(work, request);
  work.actions.push({ kind: 'end', request: request.request, outcome: 'done' });
}

export function forget(work: AgentWork, request: AgentRequest): void {
  const { plan, ticket } = request;
  work.state.requests.delete(request.request);
  plan.requests.delete(ticket);
  remember(work, plan, request.request, ticket);
}
