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

/**
 * A request is done here when all came, all ran and nothing is in use any more: those who sent something for it may let it go, because what
 * was made of it is with others. It ends when nothing is kept either.
 */
export function endWhenDone(work: AgentWork, request: AgentRequest): void {
  if (request.open > 0 || work.state.requests.get(request.request) !== request) return;
  if (!request.resting) beginToRest(work, request);
  if (request.kept > 0) return;
  forget(work, request);
  work.actions.push({ kind: 'end', request: request.request, outcome: 'done' });
}

function beginToRest({ state, actions }: AgentWork, request: AgentRequest): void {
  const { plan, ticket, request: number } = request;
  const { version, arrivals, repair } = plan.plan;
  request.resting = true;
  state.resting++;
  if (repair?.retain !== true) return;
  const senders = arrivals.flatMap(({ from, share }) =>
    from !== null && covers(share, ticket) ? [from] : [],
  );
  for (const to of new Set(senders)) actions.push({ kind: 'release', to, version, request: number });
}

export function forget(work: AgentWork, request: AgentRequest): void {
  const { plan, ticket } = request;
  if (request.resting) work.state.resting--;
  work.state.requests.delete(request.request);
  plan.requests.delete(ticket);
  remember(work, plan, request.request, ticket);
}
