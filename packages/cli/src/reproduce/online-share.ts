import {
  type AffineBits,
  affineBits,
  bytes,
  createEvaluator,
  encodedActivationBytes,
  type Plan,
  type Problem,
  type ScenarioDecisions,
  seconds,
} from '@tandem/core';

/** What is decided request by request while the rate changes; null = nothing. */
export interface OnlineShare {
  /** Of all requests, those that leave behind the first stage. */
  readonly exits: number;
}

/**
 * COACH’s online half as a scenario has it: bits by the rule `fill` from those of the plan on, or the fewest that its policy names, as agents
 * choose them. Null where nothing crosses that could have other bits: nothing can be decided then.
 */
export function onlineDecisions(
  problem: Problem,
  plan: Plan,
  { exits }: OnlineShare,
): ScenarioDecisions | null {
  const coded = plan.transfers.flatMap(({ tensor, from, to, codec }) => {
    const known = problem.graph.tensors[tensor];
    if (known === undefined || codec.kind !== 'affine') return [];
    const sizes = affineBits.map((bits) => ({
      bits,
      bytes: bytes(encodedActivationBytes(known.shape, { ...codec, bits })),
    }));
    return [{ tensor: known.name, from, to, sizes, bits: codec.bits }];
  });
  if (coded.length === 0) return null;
  const { stages } = createEvaluator(problem).evaluate(plan);
  const slower = Math.max(...stages.map(({ computeSeconds }) => computeSeconds));
  const least = fewestBits(plan);
  return {
    exits: exits > 0 ? [{ stage: 0, share: exits, answerBytes: bytes(0) }] : [],
    bits: {
      transfers: coded.map(({ tensor, from, to, sizes }) => ({ tensor, from, to, sizes })),
      shares: [{ bits: least, share: 1 }],
      rule: { kind: 'fill', slowerSeconds: seconds(slower), most: 8 },
    },
  };
}

/** The fewest that may be chosen for a request. */
export function fewestBits({ transfers, policies }: Plan): AffineBits {
  const planned = transfers.flatMap(({ codec }) => (codec.kind === 'affine' ? [codec.bits] : []));
  return policies?.precision?.bits[0]?.bits ?? planned.reduce((most, bits) => (bits > most ? bits : most), 2);
}
