import type { Evaluator } from '../../cost/evaluate.ts';
import { compareByObjective } from '../../cost/objective-value.ts';
import type { Report } from '../../cost/report.ts';
import type { TensorId } from '../../graph/graph.ts';
import { areTensorsOf } from '../../plan/cut-tensors.ts';
import type { Plan, Transfer } from '../../plan/plan.ts';
import type { Policies, PrecisionPolicy } from '../../plan/policies.ts';
import type { Problem } from '../../plan/problem.ts';
import { expectedBits, withPolicies } from './expected-bits.ts';

interface Priced {
  readonly plan: Plan;
  readonly report: Report;
}

/** A plan, and what of the online half it had to do without, as a sentence after a space; '' = nothing. */
export interface WithPolicies extends Priced {
  readonly note: string;
}

/**
 * The plan with COACH's online half as it was calibrated where the plan cuts: requests leave by the centres, and the others cross with the
 * bits that equation 11 chooses for each, where they cross by the affine codec; bits alone, or exits alone, where both cost more than the
 * problem allows. The paper decides on the cut offline and on these online: so they change nothing about which cut is best. A plan that may
 * have none of them says so with policies that are empty, so that nothing is decided which it does not price.
 *
 * Of cuts that several tensors cross the paper says no more than that there are such. Here each tensor counts alike in what a request is
 * recognised by (`poolFeature`), and there is one decision for all, at the end of one stage that makes them all: to leave, or with how many bits
 * each of them crosses, the same for all, as calibration counted it. What is made first then waits for the rest; where that costs more than
 * the decision gains, nothing is decided.
 */
export function adaptivePolicies(
  problem: Problem,
  { plan, report }: Priced,
  evaluator: Evaluator,
): WithPolicies {
  const { graph, workload } = problem;
  const sent = plan.transfers.filter(({ from }) => from === workload.source);
  const tensors = sent.map(({ tensor }) => tensor);
  const isJoint = sent.length > 1;
  const enters = tensors.some((tensor) => graph.tensors[tensor]?.producer === 'input');
  const isOneWay = sent.every(({ to }) => to === sent[0]?.to);
  const subject = isJoint ? withWholeFront(problem, plan) : plan;
  // Decisions are made at the end of a stage: about what enters the graph nobody decides.
  const wanted =
    sent.length === 0 || enters || !isOneWay || subject === null
      ? []
      : wantedAt(problem, isJoint ? priced(subject, evaluator) : { plan, report }, tensors, evaluator);
  let refused = '';
  for (const policies of wanted) {
    const own = withPolicies(subject ?? plan, policies);
    const expected = evaluator.evaluate(own);
    const faults = [...expected.violations, ...(isJoint ? dearerFaults(problem, expected, report) : [])];
    if (faults.length === 0) return { plan: own, report: expected, note: noteOf(policies, refused, wanted) };
    if (refused === '') refused = faults.join(' ');
  }
  if (wanted.length > 0)
    return { plan: { ...plan, policies: {} }, report, note: noteOf({}, refused, wanted) };
  return isJoint ? undecided(problem, { plan, report }, sent) : { plan, report, note: '' };
}

const priced = (plan: Plan, evaluator: Evaluator): Priced => ({ plan, report: evaluator.evaluate(plan) });

/** What may be decided about what crosses, the most first. */
function wantedAt(
  { exits: table, accuracy }: Problem,
  { plan, report }: Priced,
  tensors: readonly TensorId[],
  evaluator: Evaluator,
): readonly Policies[] {
  const exits = table?.settings.find(
    ({ points: [point, another] }) =>
      another === undefined && point?.kind === 'centres' && areTensorsOf(point, tensors),
  );
  const precision = (afterExits: boolean): PrecisionPolicy | null => {
    const chosen = accuracy?.chosen?.find(
      (row) => areTensorsOf(row, tensors) && row.afterExits === afterExits,
    );
    return chosen === undefined ? null : expectedBits(plan, report, chosen, evaluator);
  };
  const [after, alone] = [precision(true), precision(false)];
  return [
    ...(exits !== undefined && after !== null ? [{ exits, precision: after }] : []),
    ...(exits !== undefined ? [{ exits }] : []),
    ...(alone !== null ? [{ precision: alone }] : []),
  ];
}

/** The plan with all that the source runs in one stage, at whose end all that crosses is there; null where it runs something later as well. */
function withWholeFront({ workload }: Problem, plan: Plan): Plan | null {
  const { stages } = plan;
  const count = stages.filter(({ device }) => device === workload.source).length;
  const front = stages.slice(0, count);
  const [first] = front;
  if (first === undefined || front.some(({ device }) => device !== workload.source)) return null;
  const nodes = front.flatMap((stage) => stage.nodes).sort((left, right) => left - right);
  return { ...plan, stages: [{ ...first, nodes }, ...stages.slice(count)] };
}

function dearerFaults({ objective }: Problem, own: Report, undecidedReport: Report): readonly string[] {
  return compareByObjective(objective, own, undecidedReport) > 0
    ? ['It would cost more that tensors wait for each other than it gains.']
    : [];
}

function undecided({ accuracy, graph }: Problem, priced: Priced, sent: readonly Transfer[]): WithPolicies {
  if (accuracy?.others !== 'raw') return { ...priced, note: '' };
  const names = sent.map(({ tensor }) => graph.tensors[tensor]?.name ?? '').join(', ');
  return {
    plan: { ...priced.plan, policies: {} },
    report: priced.report,
    note: ` No request leaves and no bits are chosen behind this cut: nothing was calibrated of the ${sent.length} tensors that cross it together (${names}).`,
  };
}

function noteOf(kept: Policies, refused: string, wanted: readonly Policies[]): string {
  if (refused === '') return '';
  if (kept.exits === undefined && wanted.some(({ exits }) => exits !== undefined))
    return ` No request leaves by the centres of the cut: ${refused}`;
  return ` Bits are not chosen request by request: ${refused}`;
}
