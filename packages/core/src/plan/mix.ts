import type { Mix, Plan, Variant } from './plan.ts';

/** Beside the plan's own way. */
export const mostVariants = 63;
/** What agents take, too (the period of a `TicketShare`). */
export const longestPattern = 1024;

/** Every way in which a plan runs requests, its own first, so that the pattern's entries are positions; each a plan without a mix. */
export function variantPlans({ mix, ...plan }: Plan): readonly Plan[] {
  const others = mix?.variants ?? [];
  return [plan, ...others.map(({ stages, transfers }) => ({ ...plan, stages, transfers }))];
}

/** How often the pattern names each way, the plan's own first. */
function variantCounts({ variants, pattern }: Mix): readonly number[] {
  const counts = [0, ...variants.map(() => 0)];
  for (const entry of pattern) counts[entry] = (counts[entry] ?? 0) + 1;
  return counts;
}

/**
 * The plan that runs requests by `ways` in the order of `pattern`, positions among them. Ways that it does not name are left out and the
 * one named most often (of equals the first) becomes the plan's own; a pattern of one way needs no mix. Claim and explanation stay
 * those of the first way.
 */
export function mixedPlan(ways: readonly [Plan, ...(readonly Variant[])], pattern: readonly number[]): Plan {
  const counts = ways.map((_, way) => pattern.filter((entry) => entry === way).length);
  const used = [...ways.keys()].filter((way) => (counts[way] ?? 0) > 0);
  used.sort((left, right) => (counts[right] ?? 0) - (counts[left] ?? 0) || left - right);
  const [own, ...variants] = used.flatMap((way) => ways[way] ?? []);
  const { stages, transfers } = own ?? ways[0];
  const { mix: _mix, ...plain } = ways[0];
  const plan = { ...plain, stages, transfers };
  if (variants.length === 0) return plan;
  return {
    ...plan,
    mix: {
      variants: variants.map((variant) => ({ stages: variant.stages, transfers: variant.transfers })),
      pattern: pattern.map((entry) => used.indexOf(entry)),
    },
  };
}

/** What is wrong with a mix, one sentence each, beside what is wrong with its variants. */
export function mixFaults(mix: Mix): readonly string[] {
  const { variants, pattern } = mix;
  if (variants.length < 1 || variants.length > mostVariants)
    return [`The mix has ${variants.length} variants beside the plan's own, expected 1 to ${mostVariants}.`];
  if (pattern.length < 1 || pattern.length > longestPattern)
    return [`The mix's pattern has ${pattern.length} entries, expected 1 to ${longestPattern}.`];
  const unknown = pattern.find((entry) => !Number.isInteger(entry) || entry < 0 || entry > variants.length);
  if (unknown !== undefined)
    return [`The mix's pattern names variant ${unknown}, expected 0 to ${variants.length}.`];
  const counts = variantCounts(mix);
  const own = counts[0] ?? 0;
  return counts.flatMap((count, way) => {
    if (count === 0) return [`The mix's pattern never names variant ${way}.`];
    if (count > own)
      return [
        `The mix's pattern names variant ${way} ${count} times and the plan's own stages, 0, only ${own} times.`,
      ];
    return [];
  });
}
