import type { GatewayAction } from './gateway-event.ts';
import type { FormerTry, GatewayPlanState, GatewayRequest } from './gateway-state.ts';
import { covers } from './ticket-share.ts';

/** Stops what has not left yet: the version's requests are about to be moved. */
export function suspend(plan: GatewayPlanState | undefined): void {
  if (plan === undefined) return;
  plan.suspended = true;
  for (const lane of plan.lanes) lane.waiting.splice(0);
}

/** The same request as another number under another version, not admitted yet. */
export function movedRequest(
  { deadline, priority, turn, phase, former, ...request }: GatewayRequest,
  plan: GatewayPlanState,
  as: number,
): GatewayRequest {
  const left: FormerTry = { plan: request.plan.plan, request: request.request, ticket: request.ticket };
  return {
    request: as,
    plan,
    deadline,
    priority,
    ticket: -1,
    turn,
    former: phase === 'in-flight' ? left : former,
    phase: 'waiting',
    missing: [],
    inFlight: [],
  };
}

/** What devices hold for the number that the request had before is the request's own from now on. */
export function adopt(actions: GatewayAction[], { plan, request, ticket, former }: GatewayRequest): void {
  if (former === null) return;
  const { version } = plan.plan;
  const formerly = former.request;
  for (const { tensor, to, share } of plan.plan.adoptions ?? [])
    if (covers(share, ticket))
      actions.push({ kind: 'adopt', to, version, request, ticket, tensor, formerly });
}

export function tellEnded(actions: GatewayAction[], { plan, request, ticket }: GatewayRequest): void {
  const { devices: to, version } = plan.plan;
  actions.push({ kind: 'tell-ended', to, version, request, ticket });
}

/** Tells those that had a request before it was moved, once what it needs of theirs is adopted. */
export function tellFormer(actions: GatewayAction[], request: GatewayRequest): void {
  const { former } = request;
  if (former === null) return;
  request.former = null;
  const { devices: to, version } = former.plan;
  actions.push({ kind: 'tell-ended', to, version, request: former.request, ticket: former.ticket });
}
