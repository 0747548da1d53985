import { type AffineBits, affineBits } from '../../codec/codec.ts';
import type { Evaluator } from '../../cost/evaluate.ts';
import type { Report } from '../../cost/report.ts';
import { type ChosenBits, chosenLoss } from '../../plan/accuracy.ts';
import { chooseBits, type Pace } from '../../plan/choose-bits.ts';
import { cutTensors } from '../../plan/cut-tensors.ts';
import type { Plan, Transfer } from '../../plan/plan.ts';
import type { Policies, PrecisionPolicy } from '../../plan/policies.ts';
import type { Problem } from '../../plan/problem.ts';
import { withBits } from '../../plan/with-bits.ts';

/** The plan with the policies; where these choose bits, it names the most of them itself. */
export function withPolicies(plan: Plan, policies: Policies): Plan {
  const { precision } = policies;
  const most = precision?.bits.at(-1)?.bits;
  const transfers =
    precision === undefined || most === undefined
      ? plan.transfers
      : withBits(plan.transfers, precision, most);
  return { ...plan, policies, transfers };
}

/** The same plan, the bits of its policy as the rule is expected to choose them at this problem's rates, where that was calibrated. */
export function withExpectedBits(problem: Problem, plan: Plan, evaluator: Evaluator): Plan {
  const chosen = chosenLoss(problem, plan);
  if (chosen === null) return plan;
  const { policies, ...plain } = plan;
  const precision = expectedBits(plain, evaluator.evaluate(plain), chosen, evaluator);
  return precision === null ? plan : { ...plan, policies: { ...policies, precision } };
}

/**
 * What the rule is expected to choose at the plan's own times, within the range that it may choose from; null where what crosses the calibrated
 * cut does not all do so by the affine codec. `report` is the plan's.
 */
export function expectedBits(
  plan: Plan,
  report: Report,
  chosen: ChosenBits,
  evaluator: Evaluator,
): PrecisionPolicy | null {
  const tensors = cutTensors(chosen);
  const sent = plan.transfers.filter(({ tensor }) => tensors.includes(tensor));
  const planned = sent.flatMap(({ codec }) => (codec.kind === 'affine' ? [codec.bits] : []));
  if (planned.length === 0 || planned.length < sent.length) return null;
  const { bits: needed } = chosen;
  const least = needed[0]?.bits ?? mostOf(planned);
  const most = mostOf([...planned, ...needed.map(({ bits }) => bits)]);
  const range = affineBits.filter((bits) => bits >= least && bits <= most);
  const policy: PrecisionPolicy = {
    rule: 'fill',
    transfers: sent.map(({ tensor, to }) => ({ tensor, to })),
    bits: [],
  };
  const pace = paceOf(plan, report, policy, range, evaluator);
  const sum = needed.reduce((total, { share }) => total + share, 0);
  const shares = new Map<AffineBits, number>(range.map((bits) => [bits, 0]));
  for (const { bits, share } of needed) {
    const own = chooseBits(bits, bits, pace, { rule: 'fill', mostBits: most });
    shares.set(own, (shares.get(own) ?? 0) + share / sum);
  }
  return { ...policy, bits: range.map((bits) => ({ bits, share: shares.get(bits) ?? 0 })) };
}

const mostOf = (all: readonly AffineBits[]): AffineBits =>
  all.reduce((most, own) => (own > most ? own : most), 2 as AffineBits);

/** What crosses does so one tensor after the other. */
function paceOf(
  plan: Plan,
  { devices }: Report,
  policy: PrecisionPolicy,
  range: readonly AffineBits[],
  evaluator: Evaluator,
): Pace {
  const isSent = ({ tensor, to }: Pick<Transfer, 'tensor' | 'to'>): boolean =>
    policy.transfers.some((own) => own.tensor === tensor && own.to === to);
  const times = new Map(
    range.map((bits) => {
      const { transfers } = evaluator.evaluate({
        ...plan,
        transfers: withBits(plan.transfers, policy, bits),
      });
      const own = transfers.filter(isSent);
      const start = Math.min(...own.map(({ startSeconds }) => startSeconds));
      return [bits, Math.max(...own.map(({ endSeconds }) => endSeconds)) - start] as const;
    }),
  );
  return {
    slowerSeconds: Math.max(0, ...devices.map(({ busySeconds }) => busySeconds)),
    transferSeconds: (bits) => times.get(bits) ?? Infinity,
  };
}
