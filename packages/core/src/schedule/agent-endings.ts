import { DeadlineError, type ErrorRecord } from '../errors.ts';
import type { Seconds } from '../units.ts';
import type { Draft } from './agent-draft.ts';
import type { AgentRequest } from './agent-state.ts';

/** Drops what is held for the request and reports its failure. */
export function failRequest(draft: Draft, request: AgentRequest, error: ErrorRecord): void {
  dropAll(draft, request);
  draft.act({ kind: 'fail', version: request.version, request: request.request, error });
  draft.end(request.request, 'failed');
}

/** Drops what is held; a request that is not here yet is remembered, because its tensors may still be on their way. */
export function cancelRequest(draft: Draft, number: number): void {
  const request = draft.request(number);
  if (request === null) {
    if (!draft.state.ended.includes(number)) draft.remember(number);
    return;
  }
  dropAll(draft, request);
  draft.end(number, 'cancelled');
}

export function expireRequests(draft: Draft, now: Seconds): void {
  const expired = draft.state.requests.filter(({ deadline }) => deadline <= now);
  for (const request of expired) failRequest(draft, request, expiry(draft, request));
}

function expiry(draft: Draft, request: AgentRequest): ErrorRecord {
  const plan = draft.plan(request.version);
  const missing = (plan?.arrivals ?? []).filter(({ tensor }) => !request.arrived.includes(tensor));
  const pending = (plan?.stages ?? []).filter(({ stage }) => !request.completed.includes(stage));
  const unacknowledged = request.held.filter((held) => held.unacknowledged.length > 0);
  return new DeadlineError(
    `request ${request.request} did not finish within ${plan?.requestTimeoutSeconds ?? 0} s: ${[
      `tensors that did not come [${missing.map(({ tensor }) => tensor).join(', ')}]`,
      `stages that did not run [${pending.map(({ stage }) => stage).join(', ')}]`,
      `tensors that nobody acknowledged [${unacknowledged.map(({ tensor }) => tensor).join(', ')}]`,
    ].join(', ')}`,
    'Raise the request timeout, or find the device that stalls.',
  ).toJSON();
}

function dropAll(draft: Draft, request: AgentRequest): void {
  for (const { tensor } of request.held) draft.act({ kind: 'drop', request: request.request, tensor });
}
