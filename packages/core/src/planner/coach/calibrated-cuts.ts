import type { Evaluator } from '../../cost/evaluate.ts';
import { singleTensorCuts } from '../../graph/single-tensor-cuts.ts';
import type { Plan } from '../../plan/plan.ts';
import { planOf } from '../../plan/plan-of.ts';
import type { Problem } from '../../plan/problem.ts';
import { serverPairs } from '../server-pairs.ts';
import { calibratedPolicies } from './calibrated-policies.ts';
import { CrossingCodecs } from './crossing-codecs.ts';

/**
 * A plan for each server and each tensor at which a calibration lets requests leave or choose their bits: what comes before it on the
 * source, the rest on the server, decided about as calibrated, with the fewest bits that lose little enough. None without a calibration.
 */
export function calibratedCuts(problem: Problem, problemDigest: string, evaluator: Evaluator): Plan[] {
  const { graph, accuracy, exits } = problem;
  if (accuracy?.others !== 'raw') return [];
  const points = exits?.settings.flatMap((setting) => setting.points) ?? [];
  const known = new Set([
    ...points.flatMap(({ kind, tensor }) => (kind === 'centres' ? [tensor] : [])),
    ...(accuracy.chosen ?? []).map(({ tensor }) => tensor),
  ]);
  const codecs = new CrossingCodecs(problem);
  const cuts = singleTensorCuts(graph).filter(({ boundary }) => boundary.some((id) => known.has(id)));
  return serverPairs(problem).flatMap(({ first, second }) =>
    cuts.map(({ nodes }) => {
      const before = new Set(nodes);
      const stages = [
        { device: first, nodes },
        { device: second, nodes: [...graph.nodes.keys()].filter((node) => !before.has(node)) },
      ];
      const plan = planOf(problem, problemDigest, stages, 'calibrated-cut', {
        codecOf: ({ tensor, to }) =>
          (to === second ? codecs.of(tensor)[0]?.codec : undefined) ?? { kind: 'raw' },
      });
      return calibratedPolicies(problem, plan, evaluator);
    }),
  );
}
