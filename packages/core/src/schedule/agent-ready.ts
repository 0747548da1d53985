import type { Seconds } from '../units.ts';
import { execute } from './agent-flow.ts';
import type { AgentRequest, PlanState, StageState } from './agent-state.ts';
import { type AgentWork, isAhead } from './agent-work.ts';
import { covers } from './ticket-share.ts';

/**
 * Executes the next stage that can start, when the device is free: the version of the highest priority first, then the one whose request
 * began here first; within it the lowest ticket, then the plan's order. A stage takes its own tickets in ascending order and waits
 * for the next while outputs of an earlier one wait for a credit.
 */
export function startReadyStage(work: AgentWork): void {
  if (work.state.running !== null) return;
  let best: { readonly stage: StageState; readonly request: AgentRequest } | null = null;
  for (const plan of work.state.plans) {
    const candidate = plan.frozen ? null : firstOf(work, plan);
    if (candidate !== null && (best === null || precedes(candidate.request, best.request))) best = candidate;
  }
  if (best !== null) execute(work, best.stage, togetherWith(best.stage, best.request));
}

function firstOf(
  work: AgentWork,
  plan: PlanState,
): { readonly stage: StageState; readonly request: AgentRequest } | null {
  let best: { readonly stage: StageState; readonly request: AgentRequest } | null = null;
  for (const stage of plan.stages) {
    if (stage.waitingSends > 0) continue;
    const request = nextOf(plan, stage);
    if (request === null || request.missing[stage.position] !== 0) {
      stage.dueAt = null;
      continue;
    }
    if (best !== null && best.request.ticket <= request.ticket) continue;
    if (!waitsForMore(work, stage, request)) best = { stage, request };
  }
  return best;
}

function precedes(left: AgentRequest, right: AgentRequest): boolean {
  const byPriority = (left.plan.plan.priority ?? 0) - (right.plan.plan.priority ?? 0);
  return byPriority !== 0 ? byPriority > 0 : left.order < right.order;
}

/** The request of the stage's next own ticket that has not ended; null = not here yet. */
function nextOf(plan: PlanState, stage: StageState): AgentRequest | null {
  for (;;) {
    while (!covers(stage.stage.share, stage.next)) stage.next++;
    if (!plan.endedTickets.has(stage.next)) return plan.requests.get(stage.next) ?? null;
    passOver(plan, stage);
  }
}

function passOver(plan: PlanState, stage: StageState): void {
  const ticket = stage.next++;
  if (!isAhead(plan, ticket)) plan.endedTickets.delete(ticket);
}

/** Whether a batch that is not full should wait on; notes until when. */
function waitsForMore({ now }: AgentWork, stage: StageState, first: AgentRequest): boolean {
  const { batch = 1, batchWaitSeconds = 0, batchRestSeconds = 0 } = stage.stage;
  if (batch <= 1 || batchWaitSeconds === 0) return false;
  stage.dueAt ??= Math.min(now + batchWaitSeconds, first.deadline - 2 * batchRestSeconds) as Seconds;
  return now < stage.dueAt && togetherWith(stage, first).length < batch;
}

/** The requests that start with the first: the stage's next own tickets, as far as they are ready without a gap. */
function togetherWith(stage: StageState, first: AgentRequest): AgentRequest[] {
  const { plan } = first;
  const together = [first];
  const most = stage.stage.batch ?? 1;
  for (let ticket = first.ticket + 1; together.length < most; ticket++) {
    if (!covers(stage.stage.share, ticket) || plan.endedTickets.has(ticket)) continue;
    const request = plan.requests.get(ticket);
    if (request?.missing[stage.position] !== 0) break;
    together.push(request);
  }
  return together;
}

/** When something is due though nothing happens: a deadline or a batch that has waited long enough. */
export function wakeAt({ state }: AgentWork): Seconds | null {
  let at: number = state.overdueAt ?? Number.POSITIVE_INFINITY;
  for (const { requests, stages } of state.plans) {
    // Requests of one version begin in the order of their deadlines.
    at = Math.min(at, requests.first?.deadline ?? Number.POSITIVE_INFINITY);
    if (state.running !== null) continue;
    for (const stage of stages)
      if (stage.waitingSends === 0) at = Math.min(at, stage.dueAt ?? Number.POSITIVE_INFINITY);
  }
  return at === Number.POSITIVE_INFINITY ? null : (at as Seconds);
}
