import type { Evaluator } from '../../cost/evaluate.ts';
import { cutAt } from '../../graph/cut-at.ts';
import type { TensorId } from '../../graph/graph.ts';
import { singleTensorCuts } from '../../graph/single-tensor-cuts.ts';
import { cutTensors } from '../../plan/cut-tensors.ts';
import type { Plan } from '../../plan/plan.ts';
import { planOf } from '../../plan/plan-of.ts';
import type { Problem } from '../../plan/problem.ts';
import { serverPairs } from '../server-pairs.ts';
import { calibratedPolicies } from './calibrated-policies.ts';
import { CrossingCodecs } from './crossing-codecs.ts';

/**
 * A plan for each server and each cut at which a calibration lets requests leave or choose their bits: what comes before it on the
 * source, the rest on the server, decided about as calibrated, with the fewest bits that lose little enough. None without a calibration.
 */
export function calibratedCuts(problem: Problem, problemDigest: string, evaluator: Evaluator): Plan[] {
  const { graph, accuracy, exits } = problem;
  if (accuracy?.others !== 'raw') return [];
  const points = exits?.settings.flatMap((setting) => setting.points) ?? [];
  const known = [...points.filter(({ kind }) => kind === 'centres'), ...(accuracy.chosen ?? [])].map(
    cutTensors,
  );
  const codecs = new CrossingCodecs(problem);
  const alone = singleTensorCuts(graph).filter(({ boundary }) =>
    known.some((cut) => cut.length === 1 && cut[0] === boundary[0]),
  );
  const joint = new Map(known.flatMap((cut) => (cut.length > 1 ? [[cut.join(), cut] as const] : [])));
  const nameOf = (id: TensorId): string => graph.tensors[id]?.name ?? '';
  const cuts = [...alone, ...[...joint.values()].map((cut) => cutAt(graph, cut.map(nameOf)))];
  return serverPairs(problem).flatMap(({ first, second }) =>
    cuts.map(({ nodes, boundary }) => {
      const chosen = codecs.together(boundary);
      const before = new Set(nodes);
      const stages = [
        { device: first, nodes },
        { device: second, nodes: [...graph.nodes.keys()].filter((node) => !before.has(node)) },
      ];
      const plan = planOf(problem, problemDigest, stages, 'calibrated-cut', {
        codecOf: ({ tensor, to }) => {
          const option = codecs.of(tensor)[chosen[boundary.indexOf(tensor)] ?? -1];
          return (to === second ? option?.codec : undefined) ?? { kind: 'raw' };
        },
      });
      return calibratedPolicies(problem, plan, evaluator);
    }),
  );
}
