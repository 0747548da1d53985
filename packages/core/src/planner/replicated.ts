import type { DeviceId } from '../cluster/cluster.ts';
import { computeTable, stageTime } from '../cost/cost-tables.ts';
import { compareByObjective } from '../cost/objective-value.ts';
import type { Replica, Stage } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { improvedStages, type PricedPlan } from './improved-stages.ts';
import type { Planner } from './planner.ts';
import { throughputOptimal } from './throughput-optimal.ts';

/** Shares of a stage's requests are in twelfths: halves, thirds and quarters are among them, and patterns stay short. */
const parts = 12;
const mostReplicasGiven = 8;

/**
 * The plan of `throughputOptimal`, and then replicas: as long as a device sets the pace, another takes as much of the requests of one of its
 * stages as makes all that share it equally busy, where that is better by the objective.
 */
export const replicated: Planner = {
  name: 'replicated',
  paper: 'PipeEdge: Hu et al., 2022, with replicas of its slowest stages',
  supports: (problem) => throughputOptimal.supports(problem),
  plan: (problem, context) =>
    improvedStages(problem, context, {
      planner: 'replicated',
      mostSteps: mostReplicasGiven,
      steps: (from) => stagesWithOneMore(problem, from),
      isBetter: (report, before) => compareByObjective(problem.objective, report, before) < 0,
    }),
};

/** Every way to have one more device take its share of a stage that the busiest one runs. */
function* stagesWithOneMore(problem: Problem, { plan, report }: PricedPlan): Generator<readonly Stage[]> {
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
