import { rateAt } from '../cluster/rate-at.ts';
import type { Evaluator } from '../cost/evaluate.ts';
import type { LinkReport, Report } from '../cost/report.ts';
import { chosenLoss } from '../plan/accuracy.ts';
import type { Plan } from '../plan/plan.ts';
import type { BitsShare, PrecisionPolicy } from '../plan/policies.ts';
import type { Problem } from '../plan/problem.ts';
import type { ChosenLoad, OptionLink } from '../schedule/dynamics/plan-option.ts';

/**
 * What links carry of a plan with policies, in the mean over all requests, those that leave early among them; where requests choose their
 * bits, with the most and with the fewest that are enough. `report` is the plan's. Bytes that a burst spares count like all others, so that
 * with bursts a time is exact for no rate above the planned one.
 */
export function expectedLinks(
  problem: Problem,
  plan: Plan,
  report: Report,
  evaluator: Evaluator,
): readonly OptionLink[] {
  const { precision } = plan.policies ?? {};
  const linksWith = (bits: readonly BitsShare[] | undefined): readonly LinkReport[] =>
    precision === undefined || bits === undefined
      ? report.links
      : evaluator.evaluate(withShares(plan, precision, bits)).links;
  const most = precision?.bits.at(-1)?.bits;
  const full = linksWith(most === undefined ? undefined : [{ bits: most, share: 1 }]);
  const needed = chosenLoss(problem, plan)?.bits;
  const lean = linksWith(needed);
  const crossing = report.expectation?.stayingShare ?? 1;
  return problem.cluster.links.flatMap((link): OptionLink[] => {
    const { from, to } = link;
    const own = full.find((row) => row.from === from && row.to === to);
    if (own === undefined) return [];
    const fewest = lean.find((row) => row.from === from && row.to === to);
    const isChosen = needed !== undefined && precision?.transfers.some((sent) => sent.to === to) === true;
    const chosen: ChosenLoad = { fewestBits: 8 * (fewest?.bytes ?? 0), share: crossing };
    const load = loadOf(own, rateAt(link, 0));
    return [{ from, to, ...load, ...(isChosen ? { chosen } : {}) }];
  });
}

function loadOf(
  { bytes, busySeconds }: LinkReport,
  bitsPerSecond: number,
): Pick<OptionLink, 'bits' | 'bitsPerSecond' | 'messageSeconds'> {
  const bits = 8 * bytes;
  const rest = bitsPerSecond > 0 ? busySeconds - bits / bitsPerSecond : 0;
  return { bits, bitsPerSecond, messageSeconds: Math.max(0, rest) };
}

/** As if so many of the requests that cross did so with these bits. */
function withShares(plan: Plan, precision: PrecisionPolicy, bits: readonly BitsShare[]): Plan {
  return { ...plan, policies: { ...plan.policies, precision: { ...precision, bits } } };
}
