import { ProtocolError, RefusedError, ResourceError, type TandemError } from '../errors.ts';
import type { AgentEvent } from './agent-event.ts';
import { begin, holdTensor } from './agent-flow.ts';
import type { Party } from './agent-plan.ts';
import type { AgentRequest, AgentState, PlanState, TensorPart } from './agent-state.ts';
import { type AgentWork, planOf, remember } from './agent-work.ts';
import { covers } from './ticket-share.ts';

type TensorArrived = Extract<AgentEvent, { kind: 'tensor-arrived' }>;

/** A tensor came: its request begins or goes on; what nobody waits for is ignored, what nobody allows is refused. */
export function arrive(work: AgentWork, event: TensorArrived): void {
  const { state } = work;
  if (state.ended.has(event.request)) return;
  const plan = planOf(state, event.version);
  const known = state.requests.get(event.request) ?? null;
  const part = plan?.tensors.get(event.tensor);
  const error = arrivalError(state, event, plan, known, part);
  if (plan === null || part === undefined || error !== null) return refuse(work, event, plan, known, error);
  const request = known ?? begin(work, plan, event.request, event.ticket);
  if (request.held[part.index] !== null) return;
  request.open--;
  holdTensor(work, request, part, [event.from], null);
}

function arrivalError(
  state: AgentState,
  event: TensorArrived,
  plan: PlanState | null,
  known: AgentRequest | null,
  part: TensorPart | undefined,
): TandemError | null {
  if (plan === null) return unknownVersion(event);
  if (known !== null && known.plan !== plan) return otherVersion(event, known.plan.plan.version);
  if (!isExpected(part, event)) return unexpectedTensor(event);
  const holder = known ?? plan.requests.get(event.ticket);
  if (holder !== undefined && (holder.request !== event.request || holder.ticket !== event.ticket)) {
    return otherTicket(event, holder);
  }
  if (known === null && state.requests.size - state.resting >= state.limits.requests)
    return tooMany(event, state);
  return null;
}

function isExpected(part: TensorPart | undefined, { from, ticket }: TensorArrived): boolean {
  if (part === undefined) return false;
  for (const arrival of part.arrivals)
    if (arrival.from === from && covers(arrival.share, ticket)) return true;
  return false;
}

/**
 * A request that there is no room for is remembered as ended, so that its other tensors are refused once only. Other refusals leave
 * no trace: a liar must not be able to end a request by naming it.
 */
function refuse(
  work: AgentWork,
  { version, request, ticket }: TensorArrived,
  plan: PlanState | null,
  known: AgentRequest | null,
  error: TandemError | null,
): void {
  if (error === null) return;
  if (error instanceof ResourceError && known === null) remember(work, plan, request, ticket);
  work.actions.push({ kind: 'fail', version, request, error: error.toJSON() });
}

const speaker = (party: Party): string => (party === null ? 'the gateway' : `device ${party}`);

const subject = ({ from, tensor, request }: TensorArrived): string =>
  `${speaker(from)} sent tensor ${tensor} of request ${request}`;

function unknownVersion(event: TensorArrived): TandemError {
  return new RefusedError(
    `${subject(event)} for plan version ${event.version}, which is not deployed here`,
    'Deploy the plan to every device before sending requests.',
  );
}

function otherVersion(event: TensorArrived, version: number): TandemError {
  return new ProtocolError(
    `${subject(event)} for plan version ${event.version}, expected version ${version}`,
    'A request keeps the plan version that it began with.',
  );
}

function otherTicket(event: TensorArrived, { request, ticket }: AgentRequest): TandemError {
  return new ProtocolError(
    `${subject(event)} with ticket ${event.ticket}, but request ${request} has ticket ${ticket} here`,
    'Give each request of a plan version the next ticket, and keep it.',
  );
}

function unexpectedTensor(event: TensorArrived): TandemError {
  return new ProtocolError(
    `${subject(event)}, which plan version ${event.version} does not let it send here`,
    'Deploy the same plan to every device.',
  );
}

function tooMany(event: TensorArrived, state: AgentState): TandemError {
  return new ResourceError(
    `request ${event.request} came while ${state.requests.size} requests were in flight, expected fewer than ${state.limits.requests}`,
    'Send requests more slowly, or raise the limit of requests in flight.',
  );
}
