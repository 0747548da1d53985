import { parameterBytesOf } from '../graph/stage-boundary.ts';
import { variantPlans } from '../plan/mix.ts';
import type { Plan } from '../plan/plan.ts';
import { type Problem, requestsOf } from '../plan/problem.ts';
import { evaluateOracle, type OracleDevice, schedule, workOf } from './evaluate-oracle.ts';

/** What the oracle says of a plan whose requests run in several ways. */
export interface MixOracleReport {
  readonly latencySeconds: number;
  readonly periodSeconds: number;
  readonly makespanSeconds: number;
  readonly energyJoules: number;
  readonly bytesSent: number;
  readonly devices: readonly Pick<
    OracleDevice,
    'device' | 'busySeconds' | 'memoryBytes' | 'loadPeakBytes' | 'energyJoules'
  >[];
}

/** `evaluateOracle` for plans with a mix: the pattern's requests one by one, with no regard to speed. */
export function mixOracle(problem: Problem, plan: Plan): MixOracleReport {
  const plans = variantPlans(plan);
  const pattern = (plan.mix?.pattern ?? [0]).flatMap((entry) => plans[entry] ?? []);
  const reports = pattern.map((way) => evaluateOracle(problem, way));
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / pattern.length;
  const works = pattern.map((way) => workOf(problem, way));
  const resources = new Set(works.flat().map(({ resource }) => resource));
  const listed = [...resources].map((resource) =>
    mean(
      works.map((work) => work.reduce((sum, one) => sum + (one.resource === resource ? one.listed : 0), 0)),
    ),
  );
  const ids = problem.cluster.devices.map(({ id }) => id);
  return {
    latencySeconds: Math.max(...reports.map(({ latencySeconds }) => latencySeconds)),
    periodSeconds: Math.max(0, ...listed),
    makespanSeconds: makespanOf(problem, pattern),
    energyJoules: mean(reports.map(({ energyJoules }) => energyJoules)),
    bytesSent: mean(reports.map(({ bytesSent }) => bytesSent)),
    devices: ids.flatMap((id) => {
      const rows = reports.map(({ devices }) => devices.find(({ device }) => device === id));
      if (rows.every((row) => row === undefined)) return [];
      return [
        {
          device: id,
          busySeconds: mean(rows.map((row) => row?.busySeconds ?? 0)),
          energyJoules: mean(rows.map((row) => row?.energyJoules ?? 0)),
          ...memoryOf(problem, pattern, rows, id),
        },
      ];
    }),
  };
}

/** Request by request: none starts anywhere before the one ahead of it has left. */
function makespanOf(problem: Problem, pattern: readonly Plan[]): number {
  const free = new Map<string, number>();
  let latest = 0;
  for (let request = 0; request < requestsOf(problem.workload); request++) {
    const way = pattern[request % pattern.length];
    if (way === undefined) continue;
    const placed = schedule(workOf(problem, way), (resource) => free.get(resource) ?? 0);
    for (const { resource, end, delay } of placed) {
      free.set(resource, Math.max(free.get(resource) ?? 0, end));
      latest = Math.max(latest, end + delay);
    }
  }
  return latest;
}

function memoryOf(
  problem: Problem,
  pattern: readonly Plan[],
  rows: readonly (OracleDevice | undefined)[],
  id: string,
): { readonly memoryBytes: number; readonly loadPeakBytes: number } {
  const own = pattern.flatMap(({ stages }) => stages.filter(({ device }) => device === id));
  const nodes = [...new Set(own.flatMap((stage) => stage.nodes))].sort((left, right) => left - right);
  const all = problem.constraints.memory === 'resident' ? parameterBytesOf(problem.graph, nodes) : null;
  const overhead = problem.cluster.devices.find((device) => device.id === id)?.overheadBytes ?? 0;
  const most = (figure: (row: OracleDevice) => number): number =>
    Math.max(0, ...rows.flatMap((row) => (row === undefined ? [] : [figure(row)])));
  const running = most((row) => (all ?? row.parameterBytes) + row.activationBytes);
  const loadPeakBytes = most((row) => row.loadPeakBytes + (all === null ? 0 : all - row.parameterBytes));
  const queue = most(({ queueBytes }) => queueBytes);
  return { memoryBytes: Math.max(running + queue + overhead, loadPeakBytes), loadPeakBytes };
}
