import { evaluate } from '../cost/evaluate.ts';
import type { Report } from '../cost/report.ts';
import { togetherSeconds } from '../cost/together-seconds.ts';
import { InvalidInputError } from '../errors.ts';
import type { Graph, TensorId } from '../graph/graph.ts';
import { stageBoundary } from '../graph/stage-boundary.ts';
import { hasBatches } from '../plan/batch-faults.ts';
import type { Plan } from '../plan/plan.ts';
import { planWays } from '../plan/plan-ways.ts';
import type { Problem } from '../plan/problem.ts';
import { stageNumbers } from '../plan/stage-numbers.ts';
import { queueFor } from '../schedule/schedule-defaults.ts';
import { sharedAmong } from '../schedule/ticket-share.ts';
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
      | 'priorities'
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
 * The problem's devices and links with one plan on them, at the times that `evaluate` predicts. Replicas
 * and the ways of a mix divide the tickets, and what is run in other ways than the plan's own gets numbers of its own (`stageNumbers`); what its policies decide is drawn by their shares. Throws InvalidInputError as `evaluate` does.
 */
export function scenarioOf(problem: Problem, plan: Plan, options: PipelineOptions = {}): Scenario {
  const { cluster } = problem;
  return {
    devices: cluster.devices.map(({ id }) => id),
    links: cluster.links.map(({ from, to, rate, roundTripSeconds, perMessageSeconds, burstBytes }) => ({
      from,
      to,
      rate,
      delaySeconds: seconds(roundTripSeconds / 2),
      perMessageSeconds,
      ...(burstBytes === undefined ? {} : { burstBytes }),
    })),
    pipelines: [pipelineOf(problem, plan, options)],
  };
}

/** One plan as a pipeline of a scenario; see `scenarioOf`. */
export function pipelineOf(problem: Problem, plan: Plan, options: PipelineOptions = {}): ScenarioPipeline {
  const { graph, workload } = problem;
  const { arrivals = workload.arrivals, ...rest } = options;
  const { ways, pattern } = planWays(problem, plan);
  const { numbers } = stageNumbers(ways);
  const nameOf = (id: TensorId): string => tensorName(graph, id);
  const rows = ways.map((way, at) => wayRows(problem, way, numbers[at] ?? []));
  const turns = pattern.flatMap((way) => (rows[way] === undefined ? [] : [rows[way]]));
  return {
    version: plan.version,
    planner: plan.planner,
    stages: sharedAmong(
      turns.map(({ stages }) => stages),
      ({ stage, device }) => JSON.stringify([stage, device]),
    ),
    tensors: [
      ...new Map(rows.flatMap(({ tensors }) => tensors).map((row) => [tensorKey(row), row])).values(),
    ],
    inputs: [...new Set(graph.inputs)].map(nameOf),
    outputs: [...new Set(graph.outputs)].map(nameOf),
    source: workload.source,
    sink: workload.sink,
    arrivals,
    ...(plan.policies === undefined
      ? {}
      : { decisions: scenarioDecisions(problem, plan, plan.policies, nameOf) }),
    ...(hasBatches(plan.stages) ? { queue: queueFor(plan.stages) } : {}),
    ...rest,
  };
}

const tensorKey = ({ tensor, on }: ScenarioTensor): string => JSON.stringify([tensor, on?.from, on?.to]);

/** What one way runs and sends, at the times and sizes that `evaluate` gives it. */
function wayRows(
  problem: Problem,
  way: Plan,
  numbers: readonly number[],
): { readonly stages: readonly ScenarioStage[]; readonly tensors: readonly ScenarioTensor[] } {
  const { graph } = problem;
  const report = evaluate(problem, way);
  const stages = way.stages.map(({ device, nodes }, at) => {
    const { inputs, outputs } = stageBoundary(graph, nodes);
    return {
      stage: numbers[at] ?? at,
      device,
      ...stageTimes(report, at),
      inputs: inputs.map((id) => tensorName(graph, id)),
      outputs: outputs.map((id) => tensorName(graph, id)),
    };
  });
  const tensors = report.transfers.map(({ tensor, from, to, bytes }) => {
    return { tensor: tensorName(graph, tensor), bytes, on: { from, to } };
  });
  return { stages, tensors };
}

function stageTimes(
  { stages }: Report,
  at: number,
): Pick<ScenarioStage, 'seconds' | 'batch' | 'batchWaitSeconds' | 'batchRestSeconds' | 'batchSeconds'> {
  const times = stages[at];
  if (times === undefined) return { seconds: seconds(0) };
  const { computeSeconds, loadSeconds, together } = times;
  if (together === undefined) return { seconds: seconds(computeSeconds + loadSeconds) };
  const {
    requests: batch,
    waitSeconds: batchWaitSeconds,
    restSeconds: batchRestSeconds,
    aloneSeconds,
  } = together;
  const batchSeconds = Array.from({ length: batch }, (_, more) =>
    seconds(loadSeconds + togetherSeconds({ requests: batch, aloneSeconds, computeSeconds }, more + 1)),
  );
  const own = seconds(loadSeconds + aloneSeconds);
  return { seconds: own, batch, batchWaitSeconds, batchRestSeconds, batchSeconds };
}

function tensorName(graph: Graph, id: TensorId): string {
  const name = graph.tensors[id]?.name;
  if (name !== undefined) return name;
  throw new InvalidInputError(
    `the plan moves tensor ${id}, expected one of the graph's ${graph.tensors.length}`,
    'Plan again for this graph.',
  );
}
