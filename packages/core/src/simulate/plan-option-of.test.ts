import fc from 'fast-check';
import { expect, it } from 'vitest';
import { evaluate } from '../cost/evaluate.ts';
import type { Accuracy } from '../plan/accuracy.ts';
import { exitsByCentres } from '../plan/exits-by-centres.ts';
import type { Plan } from '../plan/plan.ts';
import { planOf } from '../plan/plan-of.ts';
import type { Policies } from '../plan/policies.ts';
import { type Problem } from '../plan/problem.ts';
import { chainProblem, halvedPlan } from '../planner/halved-chain.ts';
import { costOf } from '../schedule/dynamics/plan-option.ts';
import { planOptionOf } from './plan-option-of.ts';

const accuracy: Accuracy = {
  rows: [{ tensor: 3, bits: 2, loss: 0 }],
  others: 'raw',
  chosen: [
    {
      tensor: 3,
      afterExits: true,
      bits: [
        { bits: 2, share: 0.25 },
        { bits: 6, share: 0.75 },
      ],
      loss: 0,
    },
  ],
};

const problemAt = (rate: number, share: number): Problem =>
  chainProblem(rate, {
    accuracy,
    accuracyLoss: 1,
    exits: exitsByCentres({ tensor: 3 }, { share, cost: 10, accuracyLoss: 0 }),
  });

const planWith = (problem: Problem, policies: Policies): Plan =>
  halvedPlan(problem, { kind: 'affine', bits: 6, perChannel: false }, policies);

const idle = { speed: () => 1, delaySeconds: () => 0, requestsPerSecond: 0, horizonSeconds: 10 };
const rates = fc.double({ min: 1e3, max: 1e9, noNaN: true });

it('prices requests that leave early as evaluate does, at any rate', () => {
  fc.assert(
    fc.property(rates, rates, fc.double({ min: 0, max: 1, noNaN: true }), (planned, now, share) => {
      const [exits] = problemAt(planned, share).exits?.settings ?? [];
      if (exits === undefined) throw new Error('the table has no setting');
      const policies = { exits };
      const option = planOptionOf(problemAt(planned, share), planWith(problemAt(planned, share), policies));
      const expected = evaluate(problemAt(now, share), planWith(problemAt(now, share), policies));
      const conditions = { ...idle, rate: () => now };
      expect(costOf(option, conditions, 'latency')).toBeCloseTo(expected.latencySeconds, 9);
      expect(costOf(option, conditions, 'throughput')).toBeCloseTo(expected.periodSeconds, 9);
    }),
    { numRuns: 100, seed: 5 },
  );
});

it('prices bits that are chosen request by request between the fewest that are enough and the most', () => {
  const share = 0.4;
  const [exits] = problemAt(1e6, share).exits?.settings ?? [];
  if (exits === undefined) throw new Error('the table has no setting');
  const bitsOf = (least: number, most: number) =>
    ([2, 3, 4, 5, 6] as const).map((bits) => ({
      bits,
      share: bits === 2 ? least : bits === 6 ? most : 0,
    }));
  const policiesOf = (least: number, most: number): Policies => ({
    exits,
    precision: { rule: 'fill', transfers: [{ tensor: 3, to: 'server' }], bits: bitsOf(least, most) },
  });
  fc.assert(
    fc.property(rates, (now) => {
      const planned = problemAt(1e6, share);
      const option = planOptionOf(planned, planWith(planned, policiesOf(0.25, 0.75)));
      const cost = costOf(option, { ...idle, rate: () => now }, 'throughput') ?? 0;
      const period = (least: number, most: number): number =>
        evaluate(problemAt(now, share), planWith(problemAt(now, share), policiesOf(least, most)))
          .periodSeconds;
      // What is needed is what calibration says, whatever the plan expected at its own rate.
      const [fewest, full] = [period(0.25, 0.75), period(0, 1)];
      expect(cost).toBeGreaterThanOrEqual(fewest * (1 - 1e-9));
      expect(cost).toBeLessThanOrEqual(full * (1 + 1e-9));
    }),
    { numRuns: 60, seed: 6 },
  );
});

it('says why nothing is decided under a plan though a calibration could say', () => {
  const problem = problemAt(1e6, 0.4);
  const told = (policies: Policies) => planOptionOf(problem, planWith(problem, policies)).undecided;
  expect(told({})).toMatch(/^no request leaves early or chooses its bits: what was calibrated at \S+ is not/);
  const [exits] = problem.exits?.settings ?? [];
  expect(told(exits === undefined ? {} : { exits })).toBeUndefined();
  const elsewhere = { ...problem, accuracy: { rows: [], others: 'raw' } as const };
  const { exits: _exits, ...unknown } = elsewhere;
  expect(planOptionOf(unknown, planWith(problem, {})).undecided).toMatch(/nothing was calibrated at /);
  const whole = planOf(problem, '', [{ device: 'pi', nodes: [0, 1, 2, 3, 4] }], 'by-hand', { policies: {} });
  expect(planOptionOf(problem, whole).undecided).toBeUndefined();
});
