import type { Plan, Why } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';

/** Another plan and its figure. */
export type RunnerUp = NonNullable<Why['runnerUp']>;

/** "3 nodes on 'pi', then 4 on 'server'"; "all 7 nodes on 'pi'". */
export function placementText(problem: Problem, plan: Pick<Plan, 'stages'>): string {
  const count = problem.graph.nodes.length;
  if (!isSplit(plan)) return `all ${count} nodes on '${plan.stages[0]?.device ?? problem.workload.source}'`;
  const stages = plan.stages.map(({ device, nodes }, index) =>
    index === 0 ? `${nodes.length} of ${count} nodes on '${device}'` : `${nodes.length} on '${device}'`,
  );
  return stages.join(', then ');
}

/** Whether more than one device takes part. */
function isSplit({ stages }: Pick<Plan, 'stages'>): boolean {
  return new Set(stages.map(({ device }) => device)).size > 1;
}

/** Whether two plans place every node alike. */
export function samePlacement(left: Pick<Plan, 'stages'>, right: Pick<Plan, 'stages'>): boolean {
  return JSON.stringify(left.stages) === JSON.stringify(right.stages);
}

/** Why a plan was preferred, with latency as the figure that decided. */
export function whyOf(
  problem: Problem,
  plan: Pick<Plan, 'stages'>,
  latencySeconds: number,
  runnerUp: RunnerUp | null,
): Why {
  const verdict = isSplit(plan) ? 'Split' : 'Do not split';
  const own = `${verdict}: ${placementText(problem, plan)} takes ${millisecondsText(latencySeconds)}`;
  const other =
    runnerUp === null
      ? 'no other feasible plan was seen'
      : `the next best, ${runnerUp.name}, takes ${millisecondsText(runnerUp.value)}`;
  return { sentence: `${own}; ${other}.`, figure: 'latencySeconds', value: latencySeconds, runnerUp };
}

/** Four significant digits, in ms. */
function millisecondsText(duration: number): string {
  return `${Number((duration * 1e3).toPrecision(4))} ms`;
}
