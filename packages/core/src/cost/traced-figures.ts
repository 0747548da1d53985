import type { Cut } from '../graph/graph.ts';
import type { Plan } from '../plan/plan.ts';
import { planOf } from '../plan/plan-of.ts';
import type { Problem } from '../plan/problem.ts';
import { createEvaluator } from './evaluate.ts';
import type { TwoStagePair } from './two-stage-objective.ts';

/** What `evaluate` says of each cut; an energy that is not known is NaN. */
export interface TracedFigures {
  readonly latencySeconds: Float64Array;
  readonly energyJoules: Float64Array;
}

/** Null where every link has one rate at all times. */
export function tracedFigures(
  problem: Problem,
  cuts: readonly Cut[],
  { first, second }: TwoStagePair,
  frequency: Plan['frequency'],
): TracedFigures | null {
  if (problem.cluster.links.every(({ rate }) => rate.kind !== 'trace')) return null;
  const evaluator = createEvaluator(problem);
  const latencySeconds = new Float64Array(cuts.length);
  const energyJoules = new Float64Array(cuts.length);
  for (const [index, { nodes }] of cuts.entries()) {
    const before = new Set(nodes);
    const behind = [...problem.graph.nodes.keys()].filter((node) => !before.has(node));
    const stages = [
      { device: first, nodes },
      { device: second, nodes: behind },
    ];
    const options = frequency === undefined ? {} : { frequency };
    const report = evaluator.evaluate(planOf(problem, '', stages, 'two-stage-objective', options));
    latencySeconds[index] = report.latencySeconds;
    energyJoules[index] = report.energyJoules ?? Number.NaN;
  }
  return { latencySeconds, energyJoules };
}
