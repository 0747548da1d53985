import { objectiveFigure, objectiveValue } from '../cost/objective-value.ts';
import type { Report } from '../cost/report.ts';
import type { Plan, Stage, Why } from '../plan/plan.ts';
import type { ExitPolicy } from '../plan/policies.ts';
import { type Problem, requestsOf } from '../plan/problem.ts';

/** Another plan and its figure. */
export type RunnerUp = NonNullable<Why['runnerUp']>;

/** What decides where nodes run. */
export type Placement = Pick<Plan, 'stages' | 'mix' | 'policies'>;

/**
 * "3 nodes on 'pi', then 4 on 'server'"; "all 7 nodes on 'pi'"; where requests run in several ways, "2 of 5 requests …, 3 …" with each
 * way's placement; where requests may leave early, "… with 2 exits for 60 % of requests".
 */
export function placementText(problem: Problem, plan: Placement): string {
  const exits = plan.policies?.exits;
  if (exits !== undefined) return `${wayText(problem, { stages: joined(plan.stages) })} ${exitText(exits)}`;
  if (plan.mix === undefined) return wayText(problem, plan);
  const { pattern } = plan.mix;
  const ways = waysOf(plan).map((way, at) => {
    const count = pattern.filter((entry) => entry === at).length;
    const requests = at === 0 ? `${count} of ${pattern.length} requests` : String(count);
    return `${requests} with ${wayText(problem, way)}`;
  });
  return ways.join(' and ');
}

function exitText({ points }: ExitPolicy): string {
  const share = points.reduce((sum, point) => sum + point.share, 0);
  const exits = points.length === 1 ? 'an exit' : `${points.length} exits`;
  return `with ${exits} for ${Number((share * 100).toPrecision(3))} % of requests`;
}

/** Stages that only an exit parts, as one. */
function joined(stages: Plan['stages']): Plan['stages'] {
  const whole: Stage[] = [];
  for (const stage of stages) {
    const last = whole.at(-1);
    if (last?.device === stage.device)
      whole[whole.length - 1] = { device: last.device, nodes: [...last.nodes, ...stage.nodes] };
    else whole.push(stage);
  }
  return whole;
}

function wayText(problem: Problem, plan: Pick<Plan, 'stages'>): string {
  const count = problem.graph.nodes.length;
  if (!isSplit({ stages: plan.stages }))
    return `all ${count} nodes ${placeText(plan.stages[0] ?? { device: problem.workload.source, nodes: [] })}`;
  const stages = plan.stages.map((stage, index) =>
    index === 0
      ? `${stage.nodes.length} of ${count} nodes ${placeText(stage)}`
      : `${stage.nodes.length} ${placeText(stage)}`,
  );
  return stages.join(', then ');
}

/** "on 'pi'"; "on 'pi' ×2 and 'nuc' ×1 by turns"; "on 'pi' for 4 requests together". */
function placeText({ device, replicas, batch }: Stage): string {
  const together = batch === undefined ? '' : ` for ${batch} requests together`;
  if (replicas === undefined) return `on '${device}'${together}`;
  return `on ${replicas.map((one) => `'${one.device}' ×${Number(one.weight.toPrecision(3))}`).join(' and ')} by turns${together}`;
}

function waysOf({ stages, mix }: Placement): readonly Pick<Plan, 'stages'>[] {
  return [{ stages }, ...(mix?.variants ?? [])];
}

/** Whether more than one device takes part. */
export function isSplit(plan: Placement): boolean {
  const stages = waysOf(plan).flatMap((way) => way.stages);
  return new Set(stages.flatMap(devicesOfStage)).size > 1;
}

const devicesOfStage = ({ device, replicas = [] }: Stage): readonly string[] => [
  device,
  ...replicas.map((one) => one.device),
];

/** Whether two plans place every node of every request alike. */
export function samePlacement(left: Placement, right: Placement): boolean {
  return placementKey(left) === placementKey(right);
}

const placementKey = (plan: Placement): string =>
  JSON.stringify([waysOf(plan).map(({ stages }) => stages), plan.mix?.pattern]);

/** Why a plan was preferred, with the objective's value as the figure that decided. */
export function whyOf(problem: Problem, plan: Placement, report: Report, runnerUp: RunnerUp | null): Why {
  const value = objectiveValue(problem.objective, report);
  const verdict = isSplit(plan) ? 'Split' : 'Do not split';
  const own = `${verdict}: ${placementText(problem, plan)} ${valueText(problem, value)}`;
  const other =
    runnerUp === null
      ? 'no other feasible plan was seen'
      : `the next best, ${runnerUp.name}, ${valueText(problem, runnerUp.value)}`;
  return { sentence: `${own}; ${other}.`, figure: objectiveFigure(problem.objective), value, runnerUp };
}

/** "takes 12.5 ms": a value of the problem's objective as a predicate, four significant digits. */
export function valueText({ objective, workload }: Problem, value: number): string {
  switch (objectiveFigure(objective)) {
    case 'latencySeconds':
      return `takes ${inThousandths(value)} ms`;
    case 'periodSeconds':
      return `gives an answer every ${inThousandths(value)} ms`;
    case 'makespanSeconds':
      return `takes ${inThousandths(value)} ms for ${requestsOf(workload)} requests`;
    case 'energyJoules':
      return `costs ${inThousandths(value)} mJ`;
    case 'weighted':
      return `scores ${Number(value.toPrecision(4))}`;
  }
}

const inThousandths = (value: number): number => Number((value * 1e3).toPrecision(4));
