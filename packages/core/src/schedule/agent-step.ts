import { ProtocolError, RefusedError, ResourceError, type TandemError } from '../errors.ts';
import type { Seconds } from '../units.ts';
import { Draft } from './agent-draft.ts';
import { cancelRequest, expireRequests, failRequest } from './agent-endings.ts';
import { departuresOf, holdTensor, release, startReadyStage } from './agent-flow.ts';
import type { AgentPlan, Party } from './agent-plan.ts';
import type { AgentEvent, AgentRequest, AgentState, AgentStep, RunningStage } from './agent-state.ts';

/**
 * The data plane of one agent (ARCHITECTURE.md, "Running"): which tensors it waits for, what runs next, what is kept
 * until the next device acknowledges it. Synchronous and without bytes, so that the simulator and the runtime share it:
 * the same events at the same times give the same actions.
 *
 * Every request that begins here ends exactly once ('end'), and every kept tensor is dropped or handed over exactly once before.
 */
export function stepAgent(state: AgentState, event: AgentEvent, now: Seconds): AgentStep {
  const draft = new Draft(state);
  expireRequests(draft, now);
  apply(draft, event, now);
  startReadyStage(draft);
  return draft.finish();
}

function apply(draft: Draft, event: AgentEvent, now: Seconds): void {
  switch (event.kind) {
    case 'deployed':
      return deploy(draft, event.plan);
    case 'withdrawn':
      return withdraw(draft, event.version);
    case 'tensor-arrived':
      return arrive(draft, event, now);
    case 'stage-completed':
      return complete(draft, event.stage);
    case 'stage-failed':
      return stopRunning(draft, event.stage, (request) => failRequest(draft, request, event.error));
    case 'acknowledged':
      return acknowledge(draft, event);
    case 'cancelled':
      return cancelRequest(draft, event.request);
    case 'peer-lost':
      return losePeer(draft, event);
    case 'tick':
      return;
  }
}

function deploy(draft: Draft, plan: AgentPlan): void {
  const refusal = deployRefusal(draft.state, plan.version);
  if (refusal === null) draft.setPlans([...draft.state.plans, plan]);
  else draft.act({ kind: 'fail', version: plan.version, request: null, error: refusal.toJSON() });
}

/** Why a plan version cannot be taken on now, or null. */
export function deployRefusal(state: AgentState, version: number): TandemError | null {
  if (state.plans.some((plan) => plan.version === version)) {
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

function withdraw(draft: Draft, version: number): void {
  const error = new RefusedError(
    `plan version ${version} was withdrawn while the request was in flight`,
    'Send the request again under the current plan.',
  ).toJSON();
  const affected = draft.state.requests.filter((request) => request.version === version);
  for (const request of affected) failRequest(draft, request, error);
  draft.setPlans(draft.state.plans.filter((plan) => plan.version !== version));
}

type TensorArrived = Extract<AgentEvent, { kind: 'tensor-arrived' }>;

function arrive(draft: Draft, event: TensorArrived, now: Seconds): void {
  if (draft.state.ended.includes(event.request)) return;
  const plan = draft.plan(event.version);
  const known = draft.request(event.request);
  const error = arrivalError(draft.state, event, plan, known);
  if (plan === null || error !== null) return refuseArrival(draft, event, known, error);
  const request = known ?? begin(draft, event, plan, now);
  if (request.arrived.includes(event.tensor)) return;
  draft.update({ ...request, arrived: [...request.arrived, event.tensor] });
  holdTensor(draft, plan, event.request, event.tensor, [event.from]);
}

function arrivalError(
  state: AgentState,
  event: TensorArrived,
  plan: AgentPlan | null,
  known: AgentRequest | null,
): TandemError | null {
  if (plan === null) return unknownVersion(event);
  if (known !== null && known.version !== event.version) return otherVersion(event, known.version);
  if (!plan.arrivals.some(({ tensor, from }) => tensor === event.tensor && from === event.from)) {
    return unexpectedTensor(event);
  }
  if (known === null && state.requests.length >= state.limits.requests) return tooMany(event, state);
  return null;
}

/**
 * A request that there is no room for is remembered as ended, so that its other tensors are refused once only. Other refusals leave
 * no trace: a liar must not be able to end a request by naming it.
 */
function refuseArrival(
  draft: Draft,
  event: TensorArrived,
  known: AgentRequest | null,
  error: TandemError | null,
): void {
  if (error === null) return;
  if (error instanceof ResourceError) draft.remember(event.request);
  draft.act({ kind: 'fail', version: event.version, request: event.request, error: error.toJSON() });
}

function begin(draft: Draft, event: TensorArrived, plan: AgentPlan, now: Seconds): AgentRequest {
  const request: AgentRequest = {
    request: event.request,
    version: event.version,
    deadline: (now + plan.requestTimeoutSeconds) as Seconds,
    arrived: [],
    held: [],
    started: [],
    completed: [],
  };
  draft.add(request);
  return request;
}

function complete(draft: Draft, stage: RunningStage): void {
  stopRunning(draft, stage, (request) => {
    const plan = draft.plan(stage.version);
    const outputs = plan?.stages.find((candidate) => candidate.stage === stage.stage)?.outputs;
    if (plan === null || outputs === undefined) return;
    draft.update({ ...request, completed: [...request.completed, stage.stage] });
    for (const tensor of outputs) {
      if (
        departuresOf(plan, tensor).length > 0 ||
        plan.stages.some(({ inputs }) => inputs.includes(tensor))
      ) {
        holdTensor(draft, plan, stage.request, tensor, []);
      }
    }
    draft.endWhenDone(stage.request);
  });
}

function stopRunning(draft: Draft, stage: RunningStage, then: (request: AgentRequest) => void): void {
  const running = draft.state.running;
  if (running === null || running.request !== stage.request || running.stage !== stage.stage) return;
  draft.setRunning(null);
  const request = draft.request(stage.request);
  if (request !== null) then(request);
}

function acknowledge(draft: Draft, event: Extract<AgentEvent, { kind: 'acknowledged' }>): void {
  const held = draft.request(event.request)?.held.find(({ tensor }) => tensor === event.tensor);
  if (held?.unacknowledged.includes(event.from) !== true) return;
  const unacknowledged = held.unacknowledged.filter((party) => party !== event.from);
  draft.updateHeld(event.request, { ...held, unacknowledged });
  release(draft, event.request, event.tensor);
}

function losePeer(draft: Draft, event: Extract<AgentEvent, { kind: 'peer-lost' }>): void {
  const affected = draft.state.requests.filter((request) => dependsOn(draft, request, event.peer));
  for (const request of affected) failRequest(draft, request, event.error);
}

function dependsOn(draft: Draft, request: AgentRequest, peer: Party): boolean {
  const arrivals = draft.plan(request.version)?.arrivals ?? [];
  return (
    arrivals.some(({ tensor, from }) => from === peer && !request.arrived.includes(tensor)) ||
    request.held.some(({ unacknowledged }) => unacknowledged.includes(peer))
  );
}

const speaker = (party: Party): string => (party === null ? 'the gateway' : `device ${party}`);

function unknownVersion(event: TensorArrived): TandemError {
  return new RefusedError(
    `${speaker(event.from)} sent tensor ${event.tensor} of request ${event.request} for plan version ${event.version}, which is not deployed here`,
    'Deploy the plan to every device before sending requests.',
  );
}

function otherVersion(event: TensorArrived, version: number): TandemError {
  return new ProtocolError(
    `${speaker(event.from)} sent tensor ${event.tensor} of request ${event.request} for plan version ${event.version}, expected version ${version}`,
    'A request keeps the plan version that it began with.',
  );
}

function unexpectedTensor(event: TensorArrived): TandemError {
  return new ProtocolError(
    `${speaker(event.from)} sent tensor ${event.tensor} of request ${event.request}, which plan version ${event.version} does not let it send here`,
    'Deploy the same plan to every device.',
  );
}

function tooMany(event: TensorArrived, state: AgentState): TandemError {
  return new ResourceError(
    `request ${event.request} came while ${state.requests.length} requests were in flight, expected fewer than ${state.limits.requests}`,
    'Send requests more slowly, or raise the limit of requests in flight.',
  );
}
