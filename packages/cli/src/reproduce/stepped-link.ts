import {
  type AffineBits,
  affineBits,
  bitsPerSecond,
  bytes,
  createEvaluator,
  encodedActivationBytes,
  type Plan,
  type Problem,
  type Scenario,
  type ScenarioDecisions,
  type ScenarioPipeline,
  scenarioOf,
  seconds,
  simulate,
  type TraceEvent,
} from '@tandem/core';

/** What is decided request by request while the rate changes; null = nothing. */
export interface OnlineShare {
  /** Of all requests, those that leave behind the first stage. */
  readonly exits: number;
}

/** Each rate holds so long, and counts from when what was under way at the last one is through. */
const phaseSeconds = 20;
const settlingSeconds = 5;
const requests = 8000;

/**
 * Answers a second at each rate, in turn, of one plan in one simulated run in which there is always a next request. With an online half,
 * bits follow the rule `fill` from those of the plan on, or the fewest that its policy names, as agents choose them.
 */
export function steppedThroughput(
  problem: Problem,
  plan: Plan,
  megabitsPerSecond: readonly number[],
  online: OnlineShare | null,
): readonly number[] {
  const answered = new Float64Array(megabitsPerSecond.length);
  const count = (event: TraceEvent): void => {
    if (event.kind !== 'answer') return;
    const phase = Math.min(Math.floor(event.atSeconds / phaseSeconds), megabitsPerSecond.length);
    if (event.atSeconds - phase * phaseSeconds >= settlingSeconds)
      answered[phase] = (answered[phase] ?? 0) + 1;
  };
  for (const event of simulate(steppedScenario(problem, plan, megabitsPerSecond, online)).events)
    count(event);
  return Array.from(answered, (own) => own / (phaseSeconds - settlingSeconds));
}

function steppedScenario(
  problem: Problem,
  plan: Plan,
  rates: readonly number[],
  online: OnlineShare | null,
): Scenario {
  const plain = scenarioOf(problem, plan, { arrivals: { kind: 'batch', requests }, waiting: requests });
  const points = rates.map((rate, at) => ({
    seconds: seconds(at * phaseSeconds),
    bitsPerSecond: bitsPerSecond(1e6 * rate),
  }));
  return {
    ...plain,
    links: plain.links.map((link) => ({ ...link, rate: { kind: 'trace', points, loop: false } })),
    pipelines: plain.pipelines.map((pipeline): ScenarioPipeline => {
      const decisions = online === null ? null : decisionsOf(problem, plan, online);
      return decisions === null ? pipeline : { ...pipeline, decisions };
    }),
  };
}

/** Null where nothing crosses: nothing can be decided then. */
function decisionsOf(problem: Problem, plan: Plan, { exits }: OnlineShare): ScenarioDecisions | null {
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
  const planned = coded.reduce<AffineBits>((most, { bits }) => (bits > most ? bits : most), 2);
  const least = plan.policies?.precision?.bits[0]?.bits ?? planned;
  return {
    exits: exits > 0 ? [{ stage: 0, share: exits, answerBytes: bytes(0) }] : [],
    bits: {
      transfers: coded.map(({ tensor, from, to, sizes }) => ({ tensor, from, to, sizes })),
      shares: [{ bits: least, share: 1 }],
      rule: { kind: 'fill', slowerSeconds: seconds(slower), most: 8 },
    },
  };
}
