import type { DeviceId } from '../cluster/cluster.ts';
import { computeTable, stageTime } from '../cost/cost-tables.ts';
import { compareByObjective } from '../cost/objective-value.ts';
import type { Report } from '../cost/report.ts';
import type { Plan, Replica, Stage } from '../plan/plan.ts';
import { planOf } from '../plan/plan-of.ts';
import type { Problem } from '../plan/problem.ts';
import { validatePlan } from '../plan/validate-plan.ts';
import { seconds } from '../units.ts';
import { objections } from './contenders.ts';
import { explainedPlan } from './explained-plan.ts';
import { createPacer, type Pacer } from './pacer.ts';
import type { Planned, Planner, PlannerContext } from './planner.ts';
import { throughputOptimal } from './throughput-optimal.ts';

/** Shares of a stage's requests are in twelfths: halves, thirds and quarters are among them, and patterns stay short. */
const parts = 12;
const mostReplicasGiven = 8;

/**
 * The plan of `throughputOptimal`, and then replicas: as long as a device sets the pace, another takes as much of the requests of one of its
 * stages as makes all that share it equally busy, where that is better by the objective. Greedy: the replica that helps most comes first, and
 * none is taken back.
 */
export const replicated: Planner = {
  name: 'replicated',
  paper: 'PipeEdge: Hu et al., 2022, with replicas of its slowest stages',
  supports: (problem) => throughputOptimal.supports(problem),
  plan: async (problem, context) => {
    const started = context.clock.now();
    const evaluated = context.evaluator.evaluations;
    const first = await throughputOptimal.plan(problem, context);
    const found = first.kind === 'plan' ? await withReplicas(problem, first, context) : first;
    return {
      ...found,
      evaluations: Math.max(1, context.evaluator.evaluations - evaluated),
      planningSeconds: seconds(Math.max(0, context.clock.now() - started)),
    };
  },
};

interface Candidate {
  readonly plan: Plan;
  readonly report: Report;
}

/** What the first planner proved is of plans without replicas, so it is not said of these. */
async function withReplicas(
  problem: Problem,
  { bound: _bound, ...first }: Planned,
  context: PlannerContext,
): Promise<Planned> {
  const pacer = createPacer(context);
  const { plan } = first;
  let best: Candidate = {
    plan: { ...plan, planner: 'replicated' },
    report: context.evaluator.evaluate(plan),
  };
  for (let given = 0; given < mostReplicasGiven; given++) {
    const better = await bestReplica(problem, best, context, pacer);
    if (better === null) break;
    best = better;
  }
  return { ...first, plan: explainedPlan(problem, best.plan, best.report, null) };
}

async function bestReplica(
  problem: Problem,
  from: Candidate,
  context: PlannerContext,
  pacer: Pacer,
): Promise<Candidate | null> {
  let best: Candidate | null = null;
  for (const stages of stagesWithOneMore(problem, from)) {
    await pacer();
    const plan = planOf(problem, context.problemDigest, stages, 'replicated');
    if (validatePlan(problem, plan).length > 0) continue;
    const report = context.evaluator.evaluate(plan);
    if (objections(problem.objective, report).length > 0) continue;
    if (compareByObjective(problem.objective, report, (best ?? from).report) < 0) best = { plan, report };
  }
  return best;
}

/** Every way to have one more device take its share of a stage that the busiest one runs. */
function* stagesWithOneMore(problem: Problem, { plan, report }: Candidate): Generator<readonly Stage[]> {
  const table = computeTable(problem);
  const busiest = report.devices.find(({ busySeconds }) => busySeconds === report.periodSeconds);
  if (busiest === undefined) return;
  for (const [at, stage] of plan.stages.entries()) {
    const sharing = sharesOf(stage);
    if (!sharing.has(busiest.device)) continue;
    for (const { id } of problem.cluster.devices) {
      if (sharing.has(id)) continue;
      const loads = [...sharing, [id, 0] as const].map(([device, share]): Load => {
        const { seconds: own } = stageTime(table, table.devices.indexOf(device), stage.nodes);
        const busy = report.devices.find((row) => row.device === device)?.busySeconds ?? 0;
        return { device, stageSeconds: own, elseSeconds: Math.max(0, busy - share * own) };
      });
      const replicas = equallyBusy(loads);
      if (replicas !== null) yield plan.stages.with(at, { ...stage, replicas });
    }
  }
}

/** By device, the share of the stage's requests. */
function sharesOf({ device, replicas = [{ device, weight: 1 }] }: Stage): ReadonlyMap<DeviceId, number> {
  const sum = replicas.reduce((total, { weight }) => total + weight, 0);
  return new Map(replicas.map((one) => [one.device, one.weight / sum]));
}

interface Load {
  readonly device: DeviceId;
  /** For a request of the stage, and for what else the device does of each request. */
  readonly stageSeconds: number;
  readonly elseSeconds: number;
}

/**
 * Shares x of the stage with which all are busy for the same time L: L = else + x × stage on each, and Σ x = 1. Null where one of them
 * would get nothing.
 */
function equallyBusy(loads: readonly Load[]): readonly Replica[] | null {
  if (loads.some(({ stageSeconds }) => stageSeconds === 0)) return null;
  const ahead = loads.reduce((sum, load) => sum + load.elseSeconds / load.stageSeconds, 0);
  const pace = loads.reduce((sum, load) => sum + 1 / load.stageSeconds, 0);
  const level = (1 + ahead) / pace;
  const replicas = loads.map(({ device, stageSeconds, elseSeconds }) => ({
    device,
    weight: Math.round((parts * (level - elseSeconds)) / stageSeconds),
  }));
  return replicas.every(({ weight }) => weight >= 1) ? lowest(replicas) : null;
}

/** 8 and 4 twelfths are 2 and 1: the shorter pattern gives the same shares. */
function lowest(replicas: readonly Replica[]): readonly Replica[] {
  const divisor = replicas.reduce((common, { weight }) => greatestCommonDivisor(common, weight), 0);
  return replicas.map(({ device, weight }) => ({ device, weight: weight / divisor }));
}

function greatestCommonDivisor(left: number, right: number): number {
  return right === 0 ? left : greatestCommonDivisor(right, left % right);
}
