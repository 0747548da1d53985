import type { Draft } from './agent-draft.ts';
import type { AgentPlan, AgentStage, Party } from './agent-plan.ts';
import type { AgentRequest, HeldTensor, StageInput } from './agent-state.ts';

/** Where a tensor goes from here. */
export function departuresOf(plan: AgentPlan, tensor: string): readonly Party[] {
  return plan.departures.find((departure) => departure.tensor === tensor)?.to ?? [];
}

/** Keeps a tensor that is here now and sends it on, before any stage here may claim its bytes. */
export function holdTensor(
  draft: Draft,
  plan: AgentPlan,
  number: number,
  tensor: string,
  owedTo: readonly Party[],
): void {
  const request = draft.request(number);
  if (request === null) return;
  const readers = plan.stages.filter(({ inputs }) => inputs.includes(tensor)).map(({ stage }) => stage);
  const unacknowledged = departuresOf(plan, tensor);
  draft.update({ ...request, held: [...request.held, { tensor, owedTo, readers, unacknowledged }] });
  draft.act({ kind: 'keep', request: number, tensor });
  for (const to of unacknowledged) {
    const sent = { version: plan.version, request: number, tensor };
    draft.act(to === null ? { kind: 'deliver', ...sent } : { kind: 'send', to, ...sent });
  }
  release(draft, number, tensor);
}

/** Lets a tensor go once nothing here reads it and everybody it was sent to has acknowledged it. */
export function release(draft: Draft, number: number, tensor: string): void {
  const request = draft.request(number);
  const held = request?.held.find((candidate) => candidate.tensor === tensor);
  if (request === null || held === undefined || isNeeded(held)) return;
  draft.act({ kind: 'drop', request: number, tensor });
  settle(draft, request, held);
  draft.endWhenDone(number);
}

/** Executes the next stage whose inputs are all here, when the device is free: lowest request first, then the plan's order. */
export function startReadyStage(draft: Draft): void {
  if (draft.state.running !== null) return;
  const inOrder = draft.state.requests.toSorted((left, right) => left.request - right.request);
  for (const request of inOrder) {
    const stage = draft.plan(request.version)?.stages.find((candidate) => isReady(request, candidate));
    if (stage === undefined) continue;
    return start(draft, request, stage);
  }
}

function isReady(request: AgentRequest, stage: AgentStage): boolean {
  if (request.started.includes(stage.stage)) return false;
  return stage.inputs.every((input) => request.held.some(({ tensor }) => tensor === input));
}

function start(draft: Draft, request: AgentRequest, stage: AgentStage): void {
  draft.update({ ...request, started: [...request.started, stage.stage] });
  draft.setRunning({ request: request.request, version: request.version, stage: stage.stage });
  const remaining = request.held
    .filter(({ tensor }) => stage.inputs.includes(tensor))
    .map((held) => ({ ...held, readers: held.readers.filter((reader) => reader !== stage.stage) }));
  const inputs = stage.inputs.map((tensor): StageInput => {
    const held = remaining.find((candidate) => candidate.tensor === tensor);
    return { tensor, handOver: held !== undefined && !isNeeded(held) };
  });
  draft.act({
    kind: 'execute',
    version: request.version,
    request: request.request,
    stage: stage.stage,
    inputs,
  });
  for (const held of remaining) {
    if (isNeeded(held)) draft.updateHeld(request.request, held);
    else settle(draft, request, held);
  }
}

const isNeeded = ({ readers, unacknowledged }: HeldTensor): boolean =>
  readers.length > 0 || unacknowledged.length > 0;

function settle(draft: Draft, { version, request }: AgentRequest, { tensor, owedTo }: HeldTensor): void {
  draft.forgetHeld(request, tensor);
  for (const to of owedTo) draft.act({ kind: 'acknowledge', to, version, request, tensor });
}
