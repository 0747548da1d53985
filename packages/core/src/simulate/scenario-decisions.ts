import { evaluate } from '../cost/evaluate.ts';
import { stageBoundary } from '../graph/stage-boundary.ts';
import { headOf } from '../plan/exit-table.ts';
import type { Plan } from '../plan/plan.ts';
import type { ExitPolicy, Policies, PrecisionPolicy } from '../plan/policies.ts';
import type { Problem } from '../plan/problem.ts';
import { isCovered, withBits } from '../plan/with-bits.ts';
import { bytes } from '../units.ts';
import type { ScenarioBits, ScenarioCoded, ScenarioDecisions, ScenarioExit } from './scenario.ts';

/** The plan's policies as a scenario draws them: requests leave, and cross with bits, by the shares that `evaluate` prices. */
export function scenarioDecisions(
  problem: Problem,
  plan: Plan,
  { exits, precision }: Policies,
  nameOf: (tensor: number) => string,
): ScenarioDecisions {
  return {
    ...(exits === undefined ? {} : { exits: exitsOf(problem, plan, exits) }),
    ...(precision === undefined ? {} : { bits: bitsOf(problem, plan, precision, nameOf) }),
  };
}

function exitsOf(problem: Problem, { stages }: Plan, { points }: ExitPolicy): readonly ScenarioExit[] {
  return points.map((point) => ({
    stage: stages.findIndex(({ nodes }) =>
      stageBoundary(problem.graph, nodes).outputs.includes(point.tensor),
    ),
    share: point.share,
    answerBytes: headOf(problem.exits, point)?.answerBytes ?? bytes(0),
  }));
}

function bitsOf(
  problem: Problem,
  plan: Plan,
  policy: PrecisionPolicy,
  nameOf: (tensor: number) => string,
): ScenarioBits {
  const { problemDigest, version, planner, stages, why } = plan;
  const plain = { problemDigest, version, planner, stages, why };
  const sent = policy.bits.map(({ bits }) => {
    const { transfers } = evaluate(problem, { ...plain, transfers: withBits(plan.transfers, policy, bits) });
    return { bits, transfers };
  });
  const transfers = plan.transfers.filter((transfer) => isCovered(policy, transfer));
  return {
    transfers: transfers.map(({ tensor, from, to }): ScenarioCoded => {
      const sizes = sent.map(({ bits, transfers: rows }) => {
        const row = rows.find((other) => other.tensor === tensor && other.to === to);
        return { bits, bytes: row?.bytes ?? bytes(0) };
      });
      return { tensor: nameOf(tensor), from, to, sizes };
    }),
    shares: policy.bits,
  };
}
