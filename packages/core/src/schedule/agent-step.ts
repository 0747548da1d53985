import { RefusedError, ResourceError, type TandemError } from '../errors.ts';
import { removeAt } from '../search/remove-at.ts';
import { smallArray } from '../search/small-array.ts';
import type { Seconds } from '../units.ts';
import { arrive } from './agent-arrival.ts';
import { cancelRequest, exitRequest, expireRequests, failRequest } from './agent-endings.ts';
import type { AgentEvent, RunningStage } from './agent-event.ts';
import { holdTensor, isWanted, release, releaseFrom } from './agent-flow.ts';
import { giveBack } from './agent-lanes.ts';
import { endWatching, noteOverdue } from './agent-overdue.ts';
import type { AgentPlan, Party } from './agent-plan.ts';
import { startReadyStage, wakeAt } from './agent-ready.ts';
import { freeze, losePeer, tellHoldings } from './agent-repair.ts';
import { type AgentRequest, type AgentState, type AgentStep, completed } from './agent-state.ts';
import { type AgentWork, endWhenDone, planOf } from './agent-work.ts';
import { planState } from './plan-state.ts';

/**
 * The data plane of one agent (ARCHITECTURE.md, "Running"): which tensors it waits for, what runs next, what is kept
 * until the next device acknowledges it. Synchronous and without bytes, so that the simulator and the runtime share it:
 * the same events at the same times give the same actions. `state` is changed in place.
 *
 * Every request that begins here ends exactly once ('end'), and every kept tensor is dropped or handed over exactly once before. At
 * most `queue` tensors of one kind are on their way to one destination. Tickets of a version start in order at every stage, so that
 * with stages that do not need each other in a circle nothing ever waits in one: of the lowest ticket that has not ended, the
 * first stage that has not run finds its inputs sent, its outputs' credits free and its device free in the end.
 */
export function stepAgent(state: AgentState, event: AgentEvent, now: Seconds): AgentStep {
  const work: AgentWork = { state, now, actions: smallArray() };
  expireRequests(work);
  noteOverdue(work);
  apply(work, event);
  startReadyStage(work);
  return { state, actions: work.actions, wakeAt: wakeAt(work) };
}

function apply(work: AgentWork, event: AgentEvent): void {
  switch (event.kind) {
    case 'deployed':
      return deploy(work, event.plan);
    case 'withdrawn':
      return withdraw(work, event.version);
    case 'tensor-arrived':
      return arrive(work, event);
    case 'stage-completed':
      return complete(work, event.stage, event.exits ?? []);
    case 'stage-failed':
      return stopRunning(work, event.stage, (request) => failRequest(work, request, event.error));
    case 'acknowledged':
      return acknowledge(work, event.from, event.request, event.tensor);
    case 'cancelled':
      return cancelRequest(work, event.version, event.request, event.ticket);
    case 'released': {
      const request = work.state.requests.get(event.request);
      if (request !== undefined) releaseFrom(work, request, event.from);
      return;
    }
    case 'frozen':
      return freeze(work, event.version);
    case 'peer-lost':
      return losePeer(work, event.peer, event.error);
    case 'tick':
      return;
  }
}

function deploy({ state, actions }: AgentWork, plan: AgentPlan): void {
  const refusal = deployRefusal(state, plan.version);
  if (refusal === null) state.plans.push(planState(plan));
  else actions.push({ kind: 'fail', version: plan.version, request: null, error: refusal.toJSON() });
}

/** Why a plan version cannot be taken on now, or null. */
export function deployRefusal(state: AgentState, version: number): TandemError | null {
  if (planOf(state, version) !== null) {
    return new RefusedError(
      `plan version ${version} is deployed already, expected a version that was not used before`,
      'Give the plan the next version.',
    );
  }
  if (state.plans.length < state.limits.plans) return null;
  return new ResourceError(
    `${state.plans.length} plan versions are deployed, expected at most ${state.limits.plans} with version ${version}`,
    'Withdraw a version that has drained.',
  );
}

function withdraw(work: AgentWork, version: number): void {
  const { plans } = work.state;
  const position = plans.findIndex(({ plan }) => plan.version === version);
  const withdrawn = plans[position];
  if (withdrawn === undefined) return;
  const error = new RefusedError(
    `plan version ${version} was withdrawn while the request was in flight`,
    'Send the request again under the current plan.',
  ).toJSON();
  for (const request of withdrawn.requests.values()) failRequest(work, request, error);
  plans.splice(position, 1);
}

function complete(work: AgentWork, running: RunningStage, exits: readonly number[]): void {
  stopRunning(work, running, (request) => {
    if (exits.includes(request.request)) return exitRequest(work, request, running.stage);
    const stage = request.plan.stages.find((candidate) => candidate.stage.stage === running.stage);
    if (stage === undefined) return;
    request.missing[stage.position] = completed;
    request.open--;
    for (const output of stage.outputs)
      if (isWanted(output, request)) holdTensor(work, request, output, [], stage);
    endWhenDone(work, request);
  });
}

function stopRunning(work: AgentWork, stage: RunningStage, then: (request: AgentRequest) => void): void {
  const { running, requests } = work.state;
  if (running === null || !isSame(running, stage)) return;
  endWatching(work, running);
  work.state.running = null;
  for (const number of running.requests) {
    const request = requests.get(number);
    if (request !== undefined) then(request);
  }
  if (planOf(work.state, stage.version)?.frozen === true) tellHoldings(work, stage.version);
}

const isSame = (left: RunningStage, right: RunningStage): boolean =>
  left.version === right.version &&
  left.stage === right.stage &&
  left.requests.length === right.requests.length &&
  left.requests.every((request, at) => request === right.requests[at]);

function acknowledge(work: AgentWork, from: Party, number: number, tensor: string): void {
  const request = work.state.requests.get(number);
  const held = request?.held[request.plan.tensors.get(tensor)?.index ?? -1];
  if (request === undefined || held === undefined || held === null || held === 'gone') return;
  const place = held.inFlight.findIndex((lane) => lane.to === from);
  const lane = held.inFlight[place];
  if (lane === undefined) return;
  removeAt(held.inFlight, place);
  giveBack(work, lane);
  release(work, request, held);
}
