import { DeadlineError, type ErrorRecord, RefusedError } from '../errors.ts';
import { removeAt } from '../search/remove-at.ts';
import { smallArray } from '../search/small-array.ts';
import type { Seconds } from '../units.ts';
import {
  beginFlight,
  endFlight,
  hasPlace,
  hasRoom,
  leastImportant,
  nextToAdmit,
  noPlace,
  shedding,
} from './gateway-classes.ts';
import type { GatewayAction, GatewayEvent } from './gateway-event.ts';
import { acknowledgeInput, leaveInputs, sendInputs } from './gateway-inputs.ts';
import { adopt, movedRequest, suspend, tellEnded, tellFormer } from './gateway-move.ts';
import type { GatewayPlan } from './gateway-plan.ts';
import type {
  AnswerOrder,
  GatewayPlanState,
  GatewayRequest,
  GatewayState,
  GatewayStep,
} from './gateway-state.ts';
import { scheduleDefaults } from './schedule-defaults.ts';
import { covers } from './ticket-share.ts';
import { WaitingRequests } from './waiting-requests.ts';

interface Work {
  readonly state: GatewayState;
  readonly now: Seconds;
  readonly actions: GatewayAction[];
}

/**
 * The gateway's side of the schedule: it admits requests, the most important first and else in the order in which they come, numbers them by tickets, sends their inputs as far
 * as there are credits, and hands out answers, in the order of admission where that is asked for. Synchronous and without bytes;
 * `state` is changed in place.
 *
 * At most `window` requests of a version are in flight, answers that their client has not taken included, so that a client that
 * stops reading stops the admission of its version and nothing else; at most `waiting` wait before that. Who finds no place takes that
 * of the least important that waits, which is shed, or is refused; classes of requests can have bounds of their own.
 * Every submitted request gets exactly one 'answer' or 'fail'.
 */
export function stepGateway(state: GatewayState, event: GatewayEvent, now: Seconds): GatewayStep {
  const work: Work = { state, now, actions: smallArray() };
  expire(work);
  apply(work, event);
  const { deadlines } = state;
  for (let next = deadlines.peek(); next !== undefined && isOver(next); next = deadlines.peek())
    deadlines.pop();
  const wakeAt = deadlines.peek()?.deadline ?? null;
  return { state, actions: work.actions, wakeAt: wakeAt };
}

const isOver = ({ phase }: GatewayRequest): boolean =>
  phase === 'complete' || phase === 'answered' || phase === 'ended';

function apply(work: Work, event: GatewayEvent): void {
  const { state } = work;
  switch (event.kind) {
    case 'deployed':
      state.plans.set(event.plan.version, gatewayPlanState(state, event.plan));
      return;
    case 'withdrawn':
      return withdraw(work, event.version);
    case 'submitted':
      return submit(work, event);
    case 'acknowledged':
      return acknowledgeInput(work.actions, state.requests.get(event.request), event);
    case 'output-arrived':
      return takeOutput(work, event);
    case 'exited':
      return exit(work, state.requests.get(event.request), event.version);
    case 'failed':
      return fail(work, ofVersion(state.requests.get(event.request), event.version), event.error);
    case 'cancelled':
      return cancel(work, state.requests.get(event.request));
    case 'taken':
      return take(work, state.requests.get(event.request));
    case 'moved':
      return moveRequest(work, state.requests.get(event.request), event);
    case 'suspended':
      return suspend(state.plans.get(event.version));
    case 'abandoned':
      return abandon(work, state.plans.get(event.version), event.error);
    case 'peer-lost':
      for (const plan of state.plans.values()) {
        if (!plan.plan.devices.includes(event.peer)) continue;
        if (plan.plan.repairable === true) suspend(plan);
        else abandon(work, plan, event.error);
      }
      return;
    case 'admission':
      return changeAdmission(work, event.leastPriority);
    case 'tick':
      return;
  }
}

function gatewayPlanState({ plans }: GatewayState, plan: GatewayPlan): GatewayPlanState {
  const free = Math.max(1, plan.queue ?? scheduleDefaults.queue);
  const lanes = plan.inputs.map(({ tensor, to, share }) => ({ tensor, to, share, free, waiting: [] }));
  const followed = plan.follows === undefined ? undefined : plans.get(plan.follows);
  const order = followed?.order ?? { nextTurn: 0, nextAnswer: 0, endedBeyond: new Map() };
  return {
    plan,
    lanes,
    waiting: new WaitingRequests<GatewayRequest>(),
    inFlight: 0,
    inFlightOf: [],
    nextTicket: 0,
    order,
    suspended: false,
    lost: null,
  };
}

function submit(work: Work, event: Extract<GatewayEvent, { kind: 'submitted' }>): void {
  const { version, request: number } = event;
  const plan = work.state.plans.get(version);
  const priority = event.priority ?? plan?.plan.priority ?? 0;
  const refusal =
    plan === undefined ? notDeployed(version) : makePlace(work, plan, { request: number, priority });
  if (plan === undefined || refusal !== null) {
    if (refusal !== null) work.actions.push({ kind: 'fail', version, request: number, error: refusal });
    return;
  }
  const timeout = event.timeoutSeconds ?? plan.plan.requestTimeoutSeconds ?? Number.POSITIVE_INFINITY;
  const deadline = (work.now + timeout) as Seconds;
  const request: GatewayRequest = {
    request: number,
    plan,
    deadline,
    priority,
    ticket: -1,
    turn: -1,
    former: null,
    phase: 'waiting',
    missing: smallArray(),
    inFlight: smallArray(),
  };
  enter(work, request);
}

function enter(work: Work, request: GatewayRequest): void {
  work.state.requests.set(request.request, request);
  if (request.deadline < Number.POSITIVE_INFINITY) work.state.deadlines.push(request);
  const { plan, priority } = request;
  if (plan.waiting.size === 0 && hasRoom(plan, priority)) return admit(work, request);
  plan.waiting.add(request);
  admitWaiting(work, plan);
}

/** Sheds one that matters less where there is no place for a request; why the request is not taken, null = it is. */
function makePlace(
  work: Work,
  plan: GatewayPlanState,
  about: Pick<GatewayRequest, 'request' | 'priority'>,
): ErrorRecord | null {
  if (plan.lost !== null) return plan.lost;
  const { leastPriority } = work.state;
  if (leastPriority !== null && about.priority < leastPriority)
    return shedding(about, belowLeast(leastPriority));
  if (hasPlace(plan, about.priority)) return null;
  const least = leastImportant(plan, about.priority);
  if (least === null) return noPlace(plan, about.request);
  fail(work, least, shedding(least, `for one of priority ${about.priority}`));
  return null;
}

const belowLeast = (least: number): string =>
  `because the gateway takes only requests of priority ${least} and above for now`;

function changeAdmission(work: Work, leastPriority: number | null): void {
  const { state } = work;
  state.leastPriority = leastPriority;
  if (leastPriority === null) return;
  const shed = [...state.requests.values()].filter(
    ({ phase, priority, former }) => phase === 'waiting' && priority < leastPriority && former === null,
  );
  for (const request of shed) fail(work, request, shedding(request, belowLeast(leastPriority)));
}

function admitWaiting(work: Work, plan: GatewayPlanState): void {
  for (let request = nextToAdmit(plan); request !== null; request = nextToAdmit(plan)) {
    plan.waiting.delete(request);
    admit(work, request);
  }
}

function admit(work: Work, request: GatewayRequest): void {
  const { plan } = request;
  beginFlight(request);
  request.ticket = plan.nextTicket++;
  if (request.turn < 0) request.turn = plan.order.nextTurn++;
  request.phase = 'in-flight';
  for (const { tensor, share } of plan.plan.outputs)
    if (covers(share, request.ticket)) request.missing.push(tensor);
  const { version } = plan.plan;
  work.actions.push({ kind: 'admit', version, request: request.request, ticket: request.ticket });
  adopt(work.actions, request);
  sendInputs(work.actions, request);
  tellFormer(work.actions, request);
}

function takeOutput(work: Work, event: Extract<GatewayEvent, { kind: 'output-arrived' }>): void {
  const { from, version, tensor } = event;
  work.actions.push({ kind: 'acknowledge', to: from, version, request: event.request, tensor });
  const request = ofVersion(work.state.requests.get(event.request), version);
  const place = request?.phase === 'in-flight' ? request.missing.indexOf(tensor) : -1;
  if (request === undefined || place < 0) return;
  removeAt(request.missing, place);
  if (request.missing.length === 0) complete(work, request);
}

function exit(work: Work, request: GatewayRequest | undefined, version: number): void {
  if (ofVersion(request, version) === undefined || request?.phase !== 'in-flight') return;
  tellEnded(work.actions, request);
  complete(work, request);
}

function complete(work: Work, request: GatewayRequest): void {
  const { plan } = request;
  leaveInputs(work.actions, request);
  request.phase = 'complete';
  work.actions.push({ kind: 'complete', version: plan.plan.version, request: request.request });
  if (plan.plan.ordered === true) endInOrder(work, plan.order, request.turn, request);
  else handOut(work, request);
}

function handOut({ actions }: Work, request: GatewayRequest): void {
  if (request.phase !== 'complete') return;
  request.phase = 'answered';
  actions.push({ kind: 'answer', version: request.plan.plan.version, request: request.request });
}

/** Ordered delivery: notes how a turn ended and hands out all answers whose turn has come. */
function endInOrder(work: Work, order: AnswerOrder, turn: number, answer: GatewayRequest | null): void {
  order.endedBeyond.set(turn, answer);
  for (;;) {
    const next = order.endedBeyond.get(order.nextAnswer);
    if (next === undefined) return;
    order.endedBeyond.delete(order.nextAnswer++);
    if (next !== null) handOut(work, next);
  }
}

function take(work: Work, request: GatewayRequest | undefined): void {
  if (request?.phase === 'answered') end(work, request);
}

/** Gives back the place of a request that is answered, or could have been. */
function end(work: Work, request: GatewayRequest): void {
  request.phase = 'ended';
  work.state.requests.delete(request.request);
  endFlight(request);
  admitWaiting(work, request.plan);
}

/** The client left: an answer that waits for it counts as taken; one that waits for its turn is none any more. */
function cancel(work: Work, request: GatewayRequest | undefined): void {
  if (request === undefined) return;
  if (request.phase === 'answered') return take(work, request);
  const { request: number, plan } = request;
  const message = `request ${number} was cancelled`;
  const error = { name: 'CancelledError', message, remedy: 'Send it again if it is still wanted.' };
  if (request.phase !== 'complete') return fail(work, request, error);
  work.actions.push({ kind: 'fail', version: plan.plan.version, request: number, error });
  end(work, request);
}

function fail(work: Work, request: GatewayRequest | undefined, error: ErrorRecord): void {
  if (request === undefined || isOver(request)) return;
  const { plan, turn } = request;
  if (request.phase === 'in-flight') tellEnded(work.actions, request);
  leave(work, request);
  tellFormer(work.actions, request);
  request.phase = 'ended';
  work.actions.push({ kind: 'fail', version: plan.plan.version, request: request.request, error });
  if (turn >= 0 && plan.plan.ordered === true) endInOrder(work, plan.order, turn, null);
  admitWaiting(work, plan);
}

/** Takes a request that is not over out of its version. */
function leave(work: Work, request: GatewayRequest): void {
  const { plan } = request;
  if (request.phase === 'in-flight') {
    leaveInputs(work.actions, request);
    endFlight(request);
  }
  plan.waiting.delete(request);
  work.state.requests.delete(request.request);
}

function expire(work: Work): void {
  const { deadlines } = work.state;
  for (
    let next = deadlines.peek();
    next !== undefined && next.deadline <= work.now;
    next = deadlines.peek()
  ) {
    deadlines.pop();
    if (!isOver(next)) fail(work, next, expiry(next));
  }
}

function moveRequest(
  work: Work,
  request: GatewayRequest | undefined,
  { version, as }: Extract<GatewayEvent, { kind: 'moved' }>,
): void {
  const plan = work.state.plans.get(version);
  if (request === undefined || plan === undefined || isOver(request)) return;
  const moved = movedRequest(request, plan, as);
  leave(work, request);
  request.phase = 'ended';
  enter(work, moved);
}

function abandon(work: Work, plan: GatewayPlanState | undefined, error: ErrorRecord): void {
  if (plan === undefined) return;
  plan.lost = error;
  // Those that wait first, so that none is admitted on the way.
  const unanswered = [...work.state.requests.values()].filter((request) => request.plan === plan);
  for (const request of unanswered) if (request.phase === 'waiting') fail(work, request, error);
  for (const request of unanswered) fail(work, request, error);
}

function withdraw(work: Work, version: number): void {
  const plan = work.state.plans.get(version);
  if (plan === undefined) return;
  abandon(work, plan, notDeployed(version));
  work.state.plans.delete(version);
}

function ofVersion(request: GatewayRequest | undefined, version: number): GatewayRequest | undefined {
  return request?.plan.plan.version === version ? request : undefined;
}

function expiry({ request, phase, missing }: GatewayRequest): ErrorRecord {
  const where = phase === 'waiting' ? 'it waited to be admitted' : `outputs missing: ${missing.join(', ')}`;
  return new DeadlineError(
    `request ${request} was not answered before its deadline: ${where}`,
    'Raise the request timeout, send requests more slowly, or find the device that stalls.',
  ).toJSON();
}

function notDeployed(version: number): ErrorRecord {
  return new RefusedError(
    `plan version ${version} is not deployed`,
    'Deploy it, then send requests.',
  ).toJSON();
}
