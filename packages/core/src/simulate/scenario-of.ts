import { evaluate } from '../cost/evaluate.ts';
import { InvalidInputError } from '../errors.ts';
import type { Graph, TensorId } from '../graph/graph.ts';
import { stageBoundary } from '../graph/stage-boundary.ts';
import { variantPlans } from '../plan/mix.ts';
import type { Plan } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import type { TicketShare } from '../schedule/ticket-share.ts';
import { seconds } from '../units.ts';
import type {
  Scenario,
  ScenarioArrivals,
  ScenarioPipeline,
  ScenarioStage,
  ScenarioTensor,
} from './scenario.ts';
import { scenarioDecisions } from './scenario-decisions.ts';

export interface PipelineOptions
  extends Partial<
    Pick<
      ScenarioPipeline,
      | 'priority'
      | 'requestTimeoutSeconds'
      | 'queue'
      | 'window'
      | 'waiting'
      | 'ordered'
      | 'clientStopsAtSeconds'
    >
  > {
  /** @default the problem's workload */
  readonly arrivals?: ScenarioArrivals;
}

/**
 * The problem's devices and links with one plan on them, at the times that `evaluate` predicts. What the plan's mix runs in other ways
 * gets stages of its own, numbered on from the plan's; what its policies decide is drawn by their shares. Throws InvalidInputError as `evaluate` does.
 */
export function scenarioOf(problem: Problem, plan: Plan, options: PipelineOptions = {}): Scenario {
  const { cluster } = problem;
  return {
    devices: cluster.devices.map(({ id }) => id),
    links: cluster.links.map(({ from, to, rate, roundTripSeconds, perMessageSeconds }) => ({
      from,
      to,
      rate,
      delaySeconds: seconds(roundTripSeconds / 2),
      perMessageSeconds,
    })),
    pipelines: [pipelineOf(problem, plan, options)],
  };
}

/** One plan as a pipeline of a scenario; see `scenarioOf`. */
export function pipelineOf(problem: Problem, plan: Plan, options: PipelineOptions = {}): ScenarioPipeline {
  const { graph, workload } = problem;
  const { arrivals = workload.arrivals, ...rest } = options;
  const ways = variantPlans(plan);
  const nameOf = (id: TensorId): string => tensorName(graph, id);
  return {
    version: plan.version,
    planner: plan.planner,
    stages: ways.flatMap((way, at) => stagesOf(problem, way, ways.slice(0, at), shareOf(plan, at))),
    tensors: ways.flatMap((way) => tensorsOf(problem, way)),
    inputs: [...new Set(graph.inputs)].map(nameOf),
    outputs: [...new Set(graph.outputs)].map(nameOf),
    source: workload.source,
    sink: workload.sink,
    arrivals,
    ...(plan.policies === undefined
      ? {}
      : { decisions: scenarioDecisions(problem, plan, plan.policies, nameOf) }),
    ...rest,
  };
}

function shareOf({ mix }: Plan, way: number): TicketShare | undefined {
  if (mix === undefined) return undefined;
  const { pattern } = mix;
  return { period: pattern.length, remainders: [...pattern.keys()].filter((at) => pattern[at] === way) };
}

function stagesOf(
  problem: Problem,
  way: Plan,
  before: readonly Plan[],
  share: TicketShare | undefined,
): readonly ScenarioStage[] {
  const first = before.reduce((sum, { stages }) => sum + stages.length, 0);
  const { stages } = evaluate(problem, way);
  return way.stages.map(({ device, nodes }, at) => {
    const { inputs, outputs } = stageBoundary(problem.graph, nodes);
    const times = stages[at];
    return {
      stage: first + at,
      device,
      seconds: seconds((times?.computeSeconds ?? 0) + (times?.loadSeconds ?? 0)),
      inputs: inputs.map((id) => tensorName(problem.graph, id)),
      outputs: outputs.map((id) => tensorName(problem.graph, id)),
      ...(share === undefined ? {} : { share }),
    };
  });
}

function tensorsOf(problem: Problem, way: Plan): readonly ScenarioTensor[] {
  return evaluate(problem, way).transfers.map(({ tensor, from, to, bytes }) => {
    return { tensor: tensorName(problem.graph, tensor), bytes, on: { from, to } };
  });
}

function tensorName(graph: Graph, id: TensorId): string {
  const name = graph.tensors[id]?.name;
  if (name !== undefined) return name;
  throw new InvalidInputError(
    `the plan moves tensor ${id}, expected one of the graph's ${graph.tensors.length}`,
    'Plan again for this graph.',
  );
}
