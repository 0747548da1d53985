import { removeAt } from '../search/remove-at.ts';
import type { GatewayAction } from './gateway-event.ts';
import type { GatewayRequest, InputLane } from './gateway-state.ts';
import { covers } from './ticket-share.ts';

/** Sends a request's inputs as far as there are credits; the others wait their turn. */
export function sendInputs(actions: GatewayAction[], request: GatewayRequest): void {
  for (const lane of request.plan.lanes) {
    if (!covers(lane.share, request.ticket)) continue;
    if (lane.free > 0 && lane.waiting.length === 0) send(actions, lane, request);
    else lane.waiting.push(request);
  }
}

export function acknowledgeInput(
  actions: GatewayAction[],
  request: GatewayRequest | undefined,
  { from, tensor }: { readonly from: string; readonly tensor: string },
): void {
  if (request === undefined) return;
  const { inFlight } = request;
  const place = inFlight.findIndex((lane) => lane.to === from && lane.tensor === tensor);
  const lane = inFlight[place];
  if (lane === undefined) return;
  removeAt(inFlight, place);
  giveBack(actions, lane);
}

/** Takes back what a request that ends has on its ways. */
export function leaveInputs(actions: GatewayAction[], request: GatewayRequest): void {
  for (const { waiting } of request.plan.lanes) {
    const place = waiting.indexOf(request);
    if (place >= 0) waiting.splice(place, 1);
  }
  const { inFlight } = request;
  for (let lane = inFlight.shift(); lane !== undefined; lane = inFlight.shift()) giveBack(actions, lane);
}

function giveBack(actions: GatewayAction[], lane: InputLane): void {
  lane.free++;
  const next = lane.waiting.shift();
  if (next !== undefined) send(actions, lane, next);
}

function send(actions: GatewayAction[], lane: InputLane, request: GatewayRequest): void {
  lane.free--;
  request.inFlight.push(lane);
  const { request: number, ticket, plan } = request;
  const { version } = plan.plan;
  const { to, tensor } = lane;
  actions.push({ kind: 'send', to, version, request: number, ticket, tensor });
}
