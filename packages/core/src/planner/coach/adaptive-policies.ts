import { type AffineBits, affineBits } from '../../codec/codec.ts';
import type { Evaluator } from '../../cost/evaluate.ts';
import type { Report } from '../../cost/report.ts';
import { type ChosenBits, chosenLoss } from '../../plan/accuracy.ts';
import { chooseBits, type Pace } from '../../plan/choose-bits.ts';
import type { Plan, Transfer } from '../../plan/plan.ts';
import type { ExitPolicy, Policies, PrecisionPolicy } from '../../plan/policies.ts';
import type { Problem } from '../../plan/problem.ts';
import { isCovered } from '../../plan/with-bits.ts';

interface Priced {
  readonly plan: Plan;
  readonly report: Report;
}

/** A plan, and what of the online half it had to do without, as a sentence after a space; '' = nothing. */
export interface WithPolicies extends Priced {
  readonly note: string;
}

interface Affine extends Transfer {
  readonly codec: Extract<Transfer['codec'], { kind: 'affine' }>;
}

/**
 * The plan with COACH's online half as it was calibrated where the plan cuts: requests leave by the centres, and the others cross with the
 * bits that equation 11 chooses for each, where they cross by the affine codec; bits alone, or exits alone, where both cost more than the
 * problem allows; neither where several tensors cross. The paper decides on the cut
 * offline and on these online: so they change nothing about which cut is best. A plan that may have none of them says so with policies
 * that are empty, so that nothing is decided which it does not price.
 */
export function adaptivePolicies(
  problem: Problem,
  { plan, report }: Priced,
  evaluator: Evaluator,
): WithPolicies {
  const { source } = problem.workload;
  const [sent, ...others] = plan.transfers.filter(({ from }) => from === source);
  const none = { plan, report, note: '' };
  // Decisions are made at the end of a stage: about what enters the graph nobody decides.
  if (sent === undefined || problem.graph.tensors[sent.tensor]?.producer === 'input') return none;
  if (others.length > 0) return undecided(problem, { plan, report }, [sent, ...others]);
  const exits = exitsAt(problem, sent);
  const precision = (afterExits: boolean): PrecisionPolicy | null => {
    const chosen = problem.accuracy?.chosen?.find(
      (row) => row.tensor === sent.tensor && row.afterExits === afterExits,
    );
    if (chosen === undefined || !isAffine(sent)) return null;
    return precisionOf(plan, report, sent, chosen, evaluator);
  };
  const wanted: Policies[] = [];
  const [after, alone] = [precision(true), precision(false)];
  if (exits !== null && after !== null) wanted.push({ exits, precision: after });
  if (exits !== null) wanted.push({ exits });
  if (alone !== null) wanted.push({ precision: alone });
  let refused = '';
  for (const policies of wanted) {
    const own = withPolicies(plan, sent, policies);
    const priced = evaluator.evaluate(own);
    if (priced.violations.length === 0)
      return { plan: own, report: priced, note: noteOf(policies, refused, exits) };
    if (refused === '') refused = priced.violations.join(' ');
  }
  if (wanted.length === 0) return none;
  return { plan: { ...plan, policies: {} }, report, note: noteOf({}, refused, exits) };
}

/** The same plan, the bits of its policy as the rule is expected to choose them at this problem's rates, where that was calibrated. */
export function withExpectedBits(problem: Problem, plan: Plan, evaluator: Evaluator): Plan {
  const { precision } = plan.policies ?? {};
  const chosen = chosenLoss(problem, plan);
  const sent = plan.transfers.find((transfer) => precision !== undefined && isCovered(precision, transfer));
  if (chosen === null || sent === undefined || !isAffine(sent)) return plan;
  const { policies, ...plain } = plan;
  const report = evaluator.evaluate(plain);
  return {
    ...plan,
    policies: { ...policies, precision: precisionOf(plain, report, sent, chosen, evaluator) },
  };
}

const isAffine = (transfer: Transfer): transfer is Affine => transfer.codec.kind === 'affine';

/** Exits and bits are calibrated of one tensor, so behind several nothing is decided that nobody priced. */
function undecided({ accuracy, graph }: Problem, priced: Priced, sent: readonly Transfer[]): WithPolicies {
  if (accuracy?.others !== 'raw') return { ...priced, note: '' };
  const names = sent.map(({ tensor }) => graph.tensors[tensor]?.name ?? '').join(', ');
  return {
    plan: { ...priced.plan, policies: {} },
    report: priced.report,
    note: ` No request leaves and no bits are chosen behind this cut: ${sent.length} tensors cross it (${names}), and both are calibrated of one.`,
  };
}

function exitsAt({ exits }: Problem, { tensor }: Transfer): ExitPolicy | null {
  const own = exits?.settings.find(
    ({ points: [point, another] }) =>
      another === undefined && point?.kind === 'centres' && point.tensor === tensor,
  );
  return own ?? null;
}

/** What the rule is expected to choose at the plan's own times, within the range that it may choose from. */
function precisionOf(
  plan: Plan,
  report: Report,
  sent: Affine,
  { bits: needed }: ChosenBits,
  evaluator: Evaluator,
): PrecisionPolicy {
  const { tensor, to } = sent;
  const least = needed[0]?.bits ?? sent.codec.bits;
  const most = mostOf(sent.codec.bits, needed.at(-1)?.bits ?? least);
  const range = affineBits.filter((bits) => bits >= least && bits <= most);
  const pace = paceOf(plan, report, sent, range, evaluator);
  const sum = needed.reduce((total, { share }) => total + share, 0);
  const shares = new Map<AffineBits, number>(range.map((bits) => [bits, 0]));
  for (const { bits, share } of needed) {
    const chosen = chooseBits(bits, bits, pace, { rule: 'fill', mostBits: most });
    shares.set(chosen, (shares.get(chosen) ?? 0) + share / sum);
  }
  return {
    rule: 'fill',
    transfers: [{ tensor, to }],
    bits: range.map((bits) => ({ bits, share: shares.get(bits) ?? 0 })),
  };
}

const mostOf = (left: AffineBits, right: AffineBits): AffineBits => (left > right ? left : right);

function paceOf(
  plan: Plan,
  { devices }: Report,
  sent: Affine,
  range: readonly AffineBits[],
  evaluator: Evaluator,
): Pace {
  const times = new Map(
    range.map((bits) => {
      const { transfers } = evaluator.evaluate({ ...plan, transfers: coded(plan, sent, bits) });
      const own = transfers.find(({ tensor, to }) => tensor === sent.tensor && to === sent.to);
      return [bits, own === undefined ? Infinity : own.endSeconds - own.startSeconds] as const;
    }),
  );
  return {
    slowerSeconds: Math.max(0, ...devices.map(({ busySeconds }) => busySeconds)),
    transferSeconds: (bits) => times.get(bits) ?? Infinity,
  };
}

/** Where bits are chosen, the plan itself names the most of them. */
function withPolicies(plan: Plan, sent: Transfer, policies: Policies): Plan {
  const most = policies.precision?.bits.at(-1)?.bits;
  const isCoded = most !== undefined && isAffine(sent);
  return { ...plan, policies, transfers: isCoded ? coded(plan, sent, most) : plan.transfers };
}

function coded({ transfers }: Plan, sent: Affine, bits: AffineBits): readonly Transfer[] {
  return transfers.map((transfer) =>
    transfer === sent ? { ...sent, codec: { ...sent.codec, bits } } : transfer,
  );
}

function noteOf(kept: Policies, refused: string, exits: ExitPolicy | null): string {
  if (refused === '') return '';
  if (kept.exits === undefined && exits !== null)
    return ` No request leaves by the centres of the cut: ${refused}`;
  return ` Bits are not chosen request by request: ${refused}`;
}
