import type { Evaluator } from '../../cost/evaluate.ts';
import { areTensorsOf } from '../../plan/cut-tensors.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Problem } from '../../plan/problem.ts';
import { adaptivePolicies } from './adaptive-policies.ts';

/**
 * The plan with all that a calibration lets requests decide where it cuts (`adaptivePolicies`), unless it says itself what they may. Where
 * that is nothing its policies are empty, so that what runs is what is priced. Unchanged without a calibration, and where requests run in
 * several ways or together.
 */
export function calibratedPolicies(problem: Problem, plan: Plan, evaluator: Evaluator): Plan {
  if (problem.accuracy?.others !== 'raw' || plan.policies !== undefined || !runsAlone(plan)) return plan;
  const report = evaluator.evaluate(plan);
  const { plan: own } = adaptivePolicies(problem, { plan, report }, evaluator);
  return { ...own, policies: own.policies ?? {} };
}

/** Requests run in one way and one by one, so that each stage takes one time. */
export const runsAlone = ({ stages, mix }: Plan): boolean =>
  mix === undefined && stages.every(({ batch, replicas }) => batch === undefined && replicas === undefined);

/** Why requests decide nothing though there is a calibration, in words; null = they do, nothing crosses, or there is none. */
export function undecidedReason(
  { accuracy, exits, graph, workload }: Problem,
  { policies, transfers }: Pick<Plan, 'policies' | 'transfers'>,
): string | null {
  if (accuracy?.others !== 'raw' || policies === undefined) return null;
  if (policies.exits !== undefined || policies.precision !== undefined) return null;
  const sent = transfers.flatMap(({ from, tensor }) => (from === workload.source ? [tensor] : []));
  if (sent.length === 0) return null;
  const what = 'no request leaves early or chooses its bits';
  if (sent.some((tensor) => graph.tensors[tensor]?.producer === 'input'))
    return `${what}: nothing runs before the input crosses`;
  const names = sent.map((tensor) => graph.tensors[tensor]?.name ?? '').join(', ');
  const known = [...(accuracy.chosen ?? []), ...(exits?.settings.flatMap(({ points }) => points) ?? [])];
  const isKnown = known.some((row) => areTensorsOf(row, sent));
  return isKnown
    ? `${what}: what was calibrated at ${names} is not for this plan`
    : `${what}: nothing was calibrated at ${names}`;
}
