import { type ErrorRecord, ResourceError } from '../errors.ts';
import type { GatewayClass, GatewayPlan } from './gateway-plan.ts';
import type { GatewayPlanState, GatewayRequest } from './gateway-state.ts';
import { scheduleDefaults } from './schedule-defaults.ts';

/** The class of requests of a priority; -1 where the plan has none. Those below the first are the first's. */
function classOf({ classes = [] }: GatewayPlan, priority: number): number {
  const beyond = classes.findIndex(({ from }) => priority < from);
  return beyond < 0 ? classes.length - 1 : Math.max(0, beyond - 1);
}

/** The request that is admitted next: the most important one whose class has room, of equals the one that came first. */
export function nextToAdmit(plan: GatewayPlanState): GatewayRequest | null {
  if (plan.suspended || plan.inFlight >= windowOf(plan.plan)) return null;
  for (const { priority, requests } of plan.waiting.byPriority)
    if (hasWindow(plan, priority)) for (const first of requests) return first;
  return null;
}

/** Whether a request that nobody comes before can be admitted. */
export function hasRoom(plan: GatewayPlanState, priority: number): boolean {
  return !plan.suspended && plan.inFlight < windowOf(plan.plan) && hasWindow(plan, priority);
}

/** Whether a request could be admitted at once, or may wait for it. */
export function hasPlace(plan: GatewayPlanState, priority: number): boolean {
  if (hasWindow(plan, priority) && plan.inFlight < windowOf(plan.plan)) return true;
  const own = classOf(plan.plan, priority);
  const { waiting = plan.plan.waiting } = classAt(plan.plan, own);
  return waitingIn(plan, own) < (waiting ?? scheduleDefaults.waiting);
}

/** Whom a request of this priority that finds no place is let in for: the least important that waits in its stead, of equals the last. */
export function leastImportant(plan: GatewayPlanState, priority: number): GatewayRequest | null {
  const own = classOf(plan.plan, priority);
  const least = plan.waiting.byPriority.findLast((waiting) => classOf(plan.plan, waiting.priority) === own);
  return least === undefined || least.priority >= priority ? null : ([...least.requests].at(-1) ?? null);
}

export function beginFlight(request: GatewayRequest): void {
  countFlight(request, 1);
}

export function endFlight(request: GatewayRequest): void {
  countFlight(request, -1);
}

function countFlight({ plan, priority }: GatewayRequest, by: 1 | -1): void {
  plan.inFlight += by;
  const own = classOf(plan.plan, priority);
  if (own >= 0) plan.inFlightOf[own] = (plan.inFlightOf[own] ?? 0) + by;
}

/** What a client is told whose request gives way. */
export function shedding(
  { request, priority }: Pick<GatewayRequest, 'request' | 'priority'>,
  why: string,
): ErrorRecord {
  return new ResourceError(
    `request ${request} of priority ${priority} was shed ${why}`,
    'Send it again later, send fewer requests, or give it a higher priority.',
  ).toJSON();
}

export function noPlace({ plan, waiting, inFlight }: GatewayPlanState, number: number): ErrorRecord {
  return new ResourceError(
    `request ${number} came while ${inFlight} requests of plan version ${plan.version} were in flight and ${waiting.size} waited, expected fewer`,
    'Send requests more slowly, take answers faster, or raise the limits.',
  ).toJSON();
}

function waitingIn(plan: GatewayPlanState, own: number): number {
  if (own < 0) return plan.waiting.size;
  let count = 0;
  for (const { priority, requests } of plan.waiting.byPriority)
    if (classOf(plan.plan, priority) === own) count += requests.size;
  return count;
}

function hasWindow(plan: GatewayPlanState, priority: number): boolean {
  const own = classOf(plan.plan, priority);
  if (own < 0) return true;
  const { window = Number.POSITIVE_INFINITY } = classAt(plan.plan, own);
  return (plan.inFlightOf[own] ?? 0) < Math.max(1, window);
}

const classAt = ({ classes }: GatewayPlan, own: number): Partial<GatewayClass> => classes?.[own] ?? {};

const windowOf = ({ window }: GatewayPlan): number => Math.max(1, window ?? scheduleDefaults.window);
