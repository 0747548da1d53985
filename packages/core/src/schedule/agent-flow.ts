import { smallArray } from '../search/small-array.ts';
import type { StageInput } from './agent-event.ts';
import { offer } from './agent-lanes.ts';
import { beginToWatch } from './agent-overdue.ts';
import type { AgentPlan, Party } from './agent-plan.ts';
import {
  type AgentRequest,
  type HeldTensor,
  notOwn,
  type PlanState,
  type StageState,
  started,
  type TensorPart,
} from './agent-state.ts';
import { type AgentWork, endWhenDone } from './agent-work.ts';
import { covers } from './ticket-share.ts';

export function begin(work: AgentWork, plan: PlanState, number: number, ticket: number): AgentRequest {
  const { state, now } = work;
  const missing = plan.stages.map(({ stage }) =>
    covers(stage.share, ticket) ? stage.inputs.length : notOwn,
  );
  const held: AgentRequest['held'] = [];
  for (let index = 0; index < plan.tensors.size; index++) held.push(null);
  let open = 0;
  for (const count of missing) if (count !== notOwn) open++;
  for (const { share } of plan.plan.arrivals) if (covers(share, ticket)) open++;
  const request: AgentRequest = {
    kept: 0,
    resting: false,
    request: number,
    ticket,
    plan,
    deadline: deadlineOf(plan.plan, now),
    order: state.begun++,
    open,
    missing,
    held,
  };
  state.requests.set(number, request);
  plan.requests.set(ticket, request);
  return request;
}

const deadlineOf = (plan: AgentPlan, now: AgentWork['now']): AgentRequest['deadline'] =>
  (now + (plan.requestTimeoutSeconds ?? Number.POSITIVE_INFINITY)) as AgentRequest['deadline'];

/** Keeps a tensor that is here now and sends it on, before any stage here may claim its bytes. */
export function holdTensor(
  work: AgentWork,
  request: AgentRequest,
  part: TensorPart,
  owedTo: readonly Party[],
  producer: StageState | null,
): void {
  const keptFor = keepersOf(request, part);
  if (keptFor.length > 0) request.kept++;
  const held: HeldTensor = { part, owedTo, readers: 0, inFlight: smallArray(), waiting: 0, keptFor };
  request.held[part.index] = held;
  request.open++;
  for (const { position } of part.readers) {
    const missing = request.missing[position] ?? notOwn;
    if (missing <= 0) continue;
    request.missing[position] = missing - 1;
    held.readers++;
  }
  work.actions.push({ kind: 'keep', request: request.request, tensor: part.tensor });
  for (const lane of part.lanes)
    if (covers(lane.share, request.ticket)) offer(work, lane, request, held, producer);
  release(work, request, held);
}

/** Whether anything here asks for the tensor for this ticket. */
export function isWanted({ readers, lanes }: TensorPart, { ticket, missing }: AgentRequest): boolean {
  for (const { position } of readers) if ((missing[position] ?? notOwn) >= 0) return true;
  for (const { share } of lanes) if (covers(share, ticket)) return true;
  return false;
}

/** Devices that have to release the tensor before it goes. */
function keepersOf({ plan, ticket }: AgentRequest, { lanes }: TensorPart): Party[] {
  if (plan.plan.repair?.retain !== true) return [];
  return lanes.flatMap(({ to, share }) => (to !== null && covers(share, ticket) ? [to] : []));
}

/**
 * Lets a tensor go once nothing here reads it and everybody it was sent to has acknowledged it; where it is kept for a repair, once they
 * have released it as well.
 */
export function release(work: AgentWork, request: AgentRequest, held: HeldTensor): void {
  if (isInUse(held)) return;
  if (held.keptFor.length > 0) return rest(work, request, held);
  work.actions.push({ kind: 'drop', request: request.request, tensor: held.part.tensor });
  settle(work, request, held);
}

/** A device has released what was sent to it: what nobody else wants goes. */
export function releaseFrom(work: AgentWork, request: AgentRequest, from: Party): void {
  for (const held of request.held) {
    if (held === null || held === 'gone') continue;
    const place = held.keptFor.indexOf(from);
    if (place < 0) continue;
    held.keptFor.splice(place, 1);
    if (held.keptFor.length > 0) continue;
    request.kept--;
    if (isInUse(held)) continue;
    request.held[held.part.index] = 'gone';
    work.actions.push({ kind: 'drop', request: request.request, tensor: held.part.tensor });
  }
  endWhenDone(work, request);
}

const isInUse = ({ readers, inFlight, waiting }: HeldTensor): boolean =>
  readers > 0 || inFlight.length > 0 || waiting > 0;

/** Nothing here needs the tensor any more. */
function settle(work: AgentWork, request: AgentRequest, held: HeldTensor): void {
  request.held[held.part.index] = 'gone';
  rest(work, request, held);
}

/** The tensor is done with, though it may be kept. */
function rest(work: AgentWork, request: AgentRequest, { part, owedTo }: HeldTensor): void {
  request.open--;
  const { tensor } = part;
  const { version } = request.plan.plan;
  for (const to of owedTo)
    work.actions.push({ kind: 'acknowledge', to, version, request: request.request, tensor });
  endWhenDone(work, request);
}

/** Executes the stage for these requests, which have all that it reads. */
export function execute(work: AgentWork, stage: StageState, requests: readonly AgentRequest[]): void {
  const first = requests[0];
  const last = requests.at(-1);
  if (first === undefined || last === undefined) return;
  const { version } = first.plan.plan;
  const numbers = requests.map(({ request }) => request);
  stage.next = last.ticket + 1;
  stage.dueAt = null;
  work.state.running = { version, stage: stage.stage.stage, requests: numbers };
  beginToWatch(work, stage, requests);
  const done = smallArray<{ readonly request: AgentRequest; readonly held: HeldTensor }>();
  const members = requests.map((request) => {
    request.missing[stage.position] = started;
    const inputs = stage.inputs.map(({ tensor, index }): StageInput => {
      const held = request.held[index];
      if (held === null || held === undefined || held === 'gone') return { tensor, handOver: false };
      held.readers--;
      if (isInUse(held)) return { tensor, handOver: false };
      done.push({ request, held });
      return { tensor, handOver: held.keptFor.length === 0 };
    });
    return { request: request.request, ticket: request.ticket, inputs };
  });
  work.actions.push({ kind: 'execute', version, stage: stage.stage.stage, members });
  for (const { request, held } of done) (held.keptFor.length === 0 ? settle : rest)(work, request, held);
}
