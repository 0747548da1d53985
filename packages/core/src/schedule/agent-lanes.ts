import type { AgentRequest, HeldTensor, Lane, StageState, WaitingSend } from './agent-state.ts';
import type { AgentWork } from './agent-work.ts';

/** Sends the tensor on its way where there is a credit for it, else has it wait its turn; turns go by ticket. */
export function offer(
  work: AgentWork,
  lane: Lane,
  request: AgentRequest,
  held: HeldTensor,
  producer: StageState | null,
): void {
  if (lane.free > 0 && lane.waiting.length === 0) return send(work, lane, request, held);
  let place = lane.waiting.length;
  while (place > 0 && (lane.waiting[place - 1]?.request.ticket ?? 0) > request.ticket) place--;
  lane.waiting.splice(place, 0, { request, held, producer });
  held.waiting++;
  if (producer === null) return;
  producer.waitingSends++;
  if (producer.waitingSends === 1) mark(work, 'blocked', request, producer);
}

function send(work: AgentWork, lane: Lane, request: AgentRequest, held: HeldTensor): void {
  lane.free--;
  held.inFlight.push(lane);
  const { request: number, ticket, plan } = request;
  const { version } = plan.plan;
  const { tensor, to } = lane;
  if (to === null) work.actions.push({ kind: 'deliver', version, request: number, ticket, tensor });
  else work.actions.push({ kind: 'send', to, version, request: number, ticket, tensor });
}

/** A credit came back: whoever waits first has it. */
export function giveBack(work: AgentWork, lane: Lane): void {
  lane.free++;
  while (lane.free > 0) {
    const next = lane.waiting.shift();
    if (next === undefined) return;
    stopWaiting(work, next);
    send(work, lane, next.request, next.held);
  }
}

/** Takes back what a request that ends has on its ways. */
export function leaveLanes(work: AgentWork, request: AgentRequest, held: HeldTensor): void {
  for (const lane of held.part.lanes) {
    const place = held.waiting === 0 ? -1 : lane.waiting.findIndex((waiting) => waiting.held === held);
    if (place < 0) continue;
    for (const waiting of lane.waiting.splice(place, 1)) stopWaiting(work, waiting);
  }
  for (const lane of held.inFlight.splice(0)) giveBack(work, lane);
}

function stopWaiting(work: AgentWork, { request, held, producer }: WaitingSend): void {
  held.waiting--;
  if (producer === null) return;
  producer.waitingSends--;
  if (producer.waitingSends === 0) mark(work, 'unblocked', request, producer);
}

function mark(
  { actions }: AgentWork,
  kind: 'blocked' | 'unblocked',
  { plan }: AgentRequest,
  { stage }: StageState,
): void {
  actions.push({ kind, version: plan.plan.version, stage: stage.stage });
}
