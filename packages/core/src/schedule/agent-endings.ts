import { DeadlineError, type ErrorRecord } from '../errors.ts';
import { leaveLanes } from './agent-lanes.ts';
import { type AgentRequest, completed } from './agent-state.ts';
import { type AgentWork, forget, planOf, remember } from './agent-work.ts';
import { covers } from './ticket-share.ts';

/** Drops what is held for the request and reports its failure. */
export function failRequest(work: AgentWork, request: AgentRequest, error: ErrorRecord): void {
  const { version } = request.plan.plan;
  const fails = { kind: 'fail', version, request: request.request, error } as const;
  end(work, request, () => {
    work.actions.push(fails, { kind: 'end', request: request.request, outcome: 'failed' });
  });
}

/** Drops what is held; a request that is not here yet is remembered, because its tensors may still be on their way. */
export function cancelRequest(work: AgentWork, version: number, number: number, ticket: number): void {
  const request = work.state.requests.get(number);
  if (request === undefined) {
    remember(work, planOf(work.state, version), number, ticket);
    return;
  }
  end(work, request, () => {
    work.actions.push({ kind: 'end', request: number, outcome: 'cancelled' });
  });
}

/** A stage has answered the request: what is still held for it goes. */
export function exitRequest(work: AgentWork, request: AgentRequest, stage: number): void {
  const { request: number, ticket, plan } = request;
  end(work, request, () => {
    work.actions.push({ kind: 'exit', version: plan.plan.version, request: number, ticket, stage });
    work.actions.push({ kind: 'end', request: number, outcome: 'exited' });
  });
}

/** Drops, says the ending, and only then hands the credits that came free to others. */
function end(work: AgentWork, request: AgentRequest, say: () => void): void {
  for (const held of request.held) {
    if (held === null || held === 'gone') continue;
    work.actions.push({ kind: 'drop', request: request.request, tensor: held.part.tensor });
  }
  say();
  forget(work, request);
  for (const held of request.held) if (held !== null && held !== 'gone') leaveLanes(work, request, held);
}

export function expireRequests(work: AgentWork): void {
  for (const plan of work.state.plans) {
    // Requests of one version begin in the order of their deadlines.
    if ((plan.requests.first?.deadline ?? Number.POSITIVE_INFINITY) > work.now) continue;
    for (const request of plan.requests.values()) {
      if (request.deadline > work.now) break;
      if (request.resting) cancelRequest(work, plan.plan.version, request.request, request.ticket);
      else failRequest(work, request, expiry(request));
    }
  }
}

function expiry(request: AgentRequest): ErrorRecord {
  const { plan, ticket, held, missing } = request;
  const absent = plan.plan.arrivals.filter(
    ({ tensor, share }) => covers(share, ticket) && held[plan.tensors.get(tensor)?.index ?? -1] === null,
  );
  const pending = plan.stages.filter(({ position, stage }) => {
    return covers(stage.share, ticket) && missing[position] !== completed;
  });
  const unacknowledged = held.filter((one) => one !== null && one !== 'gone' && one.inFlight.length > 0);
  const names = unacknowledged.flatMap((one) => (one === null || one === 'gone' ? [] : [one.part.tensor]));
  return new DeadlineError(
    `request ${request.request} did not finish within ${plan.plan.requestTimeoutSeconds} s: ${[
      `tensors that did not come [${absent.map(({ tensor }) => tensor).join(', ')}]`,
      `stages that did not run [${pending.map(({ stage }) => stage.stage).join(', ')}]`,
      `tensors that nobody acknowledged [${names.join(', ')}]`,
    ].join(', ')}`,
    'Raise the request timeout, or find the device that stalls.',
  ).toJSON();
}
