import { InvalidInputError } from '../errors.ts';
import type { AgentPlan, Arrival, Departure, Party } from '../schedule/agent-plan.ts';
import type { GatewayPlan } from '../schedule/gateway-plan.ts';
import { covers, type TicketShare } from '../schedule/ticket-share.ts';
import type { Seconds } from '../units.ts';
import type { ScenarioPipeline, ScenarioStage } from './scenario.ts';

/** The longest pattern in which replicas of several stages come together. */
const longestPeriod = 65_536;

interface RouteRow {
  readonly tensor: string;
  readonly from: Party;
  readonly to: Party;
  readonly share?: TicketShare;
}

/** The pipeline's parts for the schedules of its devices and of the gateway. */
export interface PipelineParts {
  readonly agents: ReadonlyMap<string, AgentPlan>;
  readonly gateway: GatewayPlan;
}

/**
 * Who sends which tensor to whom, for which tickets. Throws InvalidInputError where a stage reads a tensor that no stage makes and the
 * gateway does not give, and where the shares of replicas repeat together only after more than 65,536 tickets.
 */
export function pipelineParts(pipeline: ScenarioPipeline): PipelineParts {
  const routes = routesOf(pipeline);
  const devices = devicesOf(pipeline);
  const agents = new Map(devices.map((device) => [device, agentPlan(pipeline, routes, device)]));
  const { version, window, waiting, queue, ordered, priority } = pipeline;
  const inputs = routes.flatMap(({ from, to, tensor, share }) =>
    from === null && to !== null ? [{ tensor, to, ...(share === undefined ? {} : { share }) }] : [],
  );
  const gateway: GatewayPlan = {
    version,
    requestTimeoutSeconds: timeoutOf(pipeline),
    ...(window === undefined ? {} : { window }),
    ...(waiting === undefined ? {} : { waiting }),
    ...(queue === undefined ? {} : { queue }),
    ...(priority === undefined ? {} : { priority }),
    ...(ordered === undefined ? {} : { ordered }),
    inputs,
    outputs: routes.filter(({ to }) => to === null).map(arrivalOf),
    devices,
  };
  return { agents, gateway };
}

const timeoutOf = ({ requestTimeoutSeconds }: ScenarioPipeline): Seconds | null =>
  requestTimeoutSeconds ?? null;

function devicesOf({ stages, source, sink }: ScenarioPipeline): readonly string[] {
  return [...new Set([source, sink, ...stages.map(({ device }) => device)])];
}

function agentPlan(pipeline: ScenarioPipeline, routes: readonly RouteRow[], device: string): AgentPlan {
  const { version, priority, queue } = pipeline;
  return {
    version,
    requestTimeoutSeconds: timeoutOf(pipeline),
    ...(priority === undefined ? {} : { priority }),
    ...(queue === undefined ? {} : { queue }),
    stages: pipeline.stages.filter((stage) => stage.device === device),
    arrivals: routes.filter(({ to }) => to === device).map(arrivalOf),
    departures: routes.filter(({ from }) => from === device).map(departureOf),
  };
}

const arrivalOf = ({ tensor, from, share }: RouteRow): Arrival =>
  share === undefined ? { tensor, from } : { tensor, from, share };

const departureOf = ({ tensor, to, share }: RouteRow): Departure =>
  share === undefined ? { tensor, to: [to] } : { tensor, to: [to], share };

function routesOf(pipeline: ScenarioPipeline): readonly RouteRow[] {
  const period = periodOf(pipeline.stages);
  const rows = new Map<string, { readonly row: RouteRow; readonly remainders: number[] }>();
  for (let ticket = 0; ticket < period; ticket++) {
    for (const row of ticketRoutes(pipeline, ticket)) {
      const key = JSON.stringify([row.tensor, row.from, row.to]);
      const known = rows.get(key) ?? { row, remainders: [] };
      rows.set(key, known);
      known.remainders.push(ticket);
    }
  }
  return [...rows.values()].map(({ row, remainders }) =>
    remainders.length === period ? row : { ...row, share: { period, remainders } },
  );
}

/** One ticket's routes: the inputs, what stages on other devices read in the stages' order, the outputs. */
function ticketRoutes(pipeline: ScenarioPipeline, ticket: number): readonly RouteRow[] {
  const { inputs, outputs, source, sink } = pipeline;
  const stages = pipeline.stages.filter(({ share }) => covers(share, ticket));
  const homes = new Map<string, string>(inputs.map((tensor) => [tensor, source]));
  for (const { device, outputs: made } of stages) for (const tensor of made) homes.set(tensor, device);
  const routes = new Map<string, RouteRow>();
  const add = (tensor: string, from: Party, to: Party): void => {
    if (from !== to) routes.set(JSON.stringify([tensor, to]), { tensor, from, to });
  };
  const fromHome = (tensor: string, to: string): void => {
    const home = homes.get(tensor);
    if (home === undefined) throw nowhere(tensor, to, ticket);
    add(tensor, home, to);
  };
  for (const tensor of inOrderOfNeed(inputs, stages)) add(tensor, null, source);
  for (const { device, inputs: read } of stages) for (const tensor of read) fromHome(tensor, device);
  for (const tensor of outputs) {
    fromHome(tensor, sink);
    add(tensor, sink, null);
  }
  return [...routes.values()];
}

function inOrderOfNeed(inputs: readonly string[], stages: readonly ScenarioStage[]): readonly string[] {
  const need = (tensor: string): number => {
    const first = stages.findIndex((stage) => stage.inputs.includes(tensor));
    return first < 0 ? stages.length : first;
  };
  return inputs.toSorted((left, right) => need(left) - need(right));
}

function periodOf(stages: readonly ScenarioStage[]): number {
  let period = 1;
  for (const { share } of stages) {
    if (share !== undefined) period = (period / commonDivisor(period, share.period)) * share.period;
    if (period <= longestPeriod) continue;
    throw new InvalidInputError(
      `the shares of replicated stages repeat together after ${period} tickets, expected at most ${longestPeriod}`,
      'Give replicas weights with small common multiples.',
    );
  }
  return period;
}

function commonDivisor(left: number, right: number): number {
  return right === 0 ? left : commonDivisor(right, left % right);
}

function nowhere(tensor: string, device: string, ticket: number): InvalidInputError {
  return new InvalidInputError(
    `tensor ${tensor} is wanted on device ${device} for ticket ${ticket}, expected a stage that makes it or an input of that name`,
    'Name every input, and let the shares of a stage cover every ticket.',
  );
}
