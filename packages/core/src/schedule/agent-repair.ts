import type { ErrorRecord } from '../errors.ts';
import { failRequest } from './agent-endings.ts';
import type { Party } from './agent-plan.ts';
import type { AgentRequest } from './agent-state.ts';
import { type AgentWork, planOf } from './agent-work.ts';
import { covers } from './ticket-share.ts';

/** Requests that wait for the peer fail; those of a version that can be repaired wait on, and the gateway is told for what. */
export function losePeer(work: AgentWork, peer: Party, error: ErrorRecord): void {
  let accused = false;
  for (const request of work.state.requests.values()) {
    if (!dependsOn(request, peer)) continue;
    if (request.plan.plan.repair === undefined) failRequest(work, request, error);
    else accused = true;
  }
  if (accused) work.actions.push({ kind: 'accuse', peer, error });
}

/** No stage of the version starts any more. What is held is told once the one that runs has ended, because its outputs count. */
export function freeze(work: AgentWork, version: number): void {
  const plan = planOf(work.state, version);
  if (plan !== null) plan.frozen = true;
  if (work.state.running?.version !== version) tellHoldings(work, version);
}

export function tellHoldings({ state, actions }: AgentWork, version: number): void {
  const requests = [...(planOf(state, version)?.requests.values() ?? [])].map(({ request, held }) => {
    const tensors = held.flatMap((one) => (one === null || one === 'gone' ? [] : [one.part.tensor]));
    return { request, tensors };
  });
  actions.push({ kind: 'holding', version, requests });
}

function dependsOn({ plan, ticket, held }: AgentRequest, peer: Party): boolean {
  const awaits = plan.plan.arrivals.some(
    ({ tensor, from, share }) =>
      from === peer && covers(share, ticket) && held[plan.tensors.get(tensor)?.index ?? -1] === null,
  );
  if (awaits) return true;
  return held.some((one) => {
    if (one === null || one === 'gone') return false;
    if (one.keptFor.includes(peer)) return true;
    const waits = (to: Party): boolean => to === peer;
    if (one.inFlight.some(({ to }) => waits(to))) return true;
    return one.part.lanes.some((lane) => waits(lane.to) && lane.waiting.some((other) => other.held === one));
  });
}
