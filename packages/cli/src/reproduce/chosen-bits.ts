import { type AffineBits, affineBits, createEvaluator, type Plan, type Problem } from '@tandem/core';

/**
 * The plan with COACH's online half as far as it can be had without trained weights: bits chosen for each request by the rule `fill`,
 * from the fewest that the problem's accuracy grants to every request up to 8. As it is where nothing can be chosen: agents decide at the
 * ends of stages, so not about an input that is sent, nor about what crosses raw, nor where requests run in several ways.
 */
export function withChosenBits(problem: Problem, plan: Plan): Plan {
  const { source } = problem.workload;
  const sent = plan.transfers.find(({ from, codec }) => from === source && codec.kind === 'affine');
  if (sent?.codec.kind !== 'affine' || plan.mix !== undefined) return plan;
  const { tensor, to, codec } = sent;
  if (problem.graph.tensors[tensor]?.producer === 'input') return plan;
  const evaluator = createEvaluator(problem);
  const coded = (bits: AffineBits): Plan => ({
    ...plan,
    transfers: plan.transfers.map((own) => (own === sent ? { ...own, codec: { ...codec, bits } } : own)),
  });
  const safe = affineBits.filter((bits) => evaluator.evaluate(coded(bits)).violations.length === 0);
  const most = safe.at(-1);
  if (most === undefined || !safe.includes(codec.bits)) return plan;
  // What the plan itself sends is what its own rate leaves room for.
  const bits = safe.map((own) => ({ bits: own, share: own === codec.bits ? 1 : 0 }));
  const precision = { rule: 'fill', transfers: [{ tensor, to }], bits } as const;
  return { ...coded(most), policies: { precision } };
}
