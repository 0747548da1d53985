import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExitTable } from '../plan/exit-table.ts';
import { partAtExits } from '../plan/part-at-exits.ts';
import type { Plan } from '../plan/plan.ts';
import { planOf } from '../plan/plan-of.ts';
import type { ExitPolicy, Policies } from '../plan/policies.ts';
import type { Problem } from '../plan/problem.ts';
import { randomExits } from '../plan/random-exits.ts';
import { randomProblem } from '../plan/random-problem.ts';
import { createRandom } from '../random.ts';
import { bytes, flops, watts } from '../units.ts';
import { evaluate } from './evaluate.ts';

const seeds = fc.integer({ min: 0, max: 1e6 });
const figures = ['latencySeconds', 'periodSeconds', 'energyJoules', 'bytesSent'] as const;

interface Subject {
  readonly problem: Problem;
  readonly table: ExitTable;
  /** With stages that end at all exits, all heads free. */
  readonly plan: Plan;
  readonly policy: ExitPolicy;
}

/** A chain on two devices of known power, cut somewhere, with free exits; answers are wanted where requests enter. */
function subject(seed: number): Subject | null {
  const random = createRandom(seed);
  const { cluster, ...rest } = randomProblem(random, { graph: { kind: 'chain', nodes: 8 } });
  const power = {
    kind: 'law',
    idleWatts: watts(1),
    staticWatts: watts(2),
    dynamicWattsAtMaximum: watts(3),
    exponent: 3,
  } as const;
  const devices = cluster.devices.map((device) => ({ ...device, power }));
  const drawn = randomExits(random, rest.graph);
  const policy = drawn?.settings[0];
  if (drawn === null || policy === undefined) return null;
  const free = { flops: flops(0), movedBytes: bytes(0), parameterBytes: bytes(0), answerBytes: bytes(0) };
  const table = { ...drawn, heads: drawn.heads.map((head) => ({ ...head, ...free })) };
  const problem = { ...rest, cluster: { ...cluster, devices }, exits: table };
  const at = 1 + random.integer(6);
  const nodes = [...problem.graph.nodes.keys()];
  const stages = [
    { device: 'd0', nodes: nodes.slice(0, at) },
    { device: 'd1', nodes: nodes.slice(at) },
  ];
  const plan = planOf(problem, '', partAtExits(problem, stages, policy.points), 'test');
  return { problem, table, plan, policy };
}

function withShares({ policy }: Subject, share: (at: number) => number): Policies {
  const points = policy.points.map((point, at) => ({ ...point, share: share(at) }));
  return { exits: { ...policy, points } };
}

function forSubjects(law: (subject: Subject, seed: number) => void): void {
  let tried = 0;
  fc.assert(
    fc.property(seeds, (seed) => {
      const drawn = subject(seed);
      if (drawn === null) return;
      tried++;
      law(drawn, seed);
    }),
    { numRuns: 150, seed: 61 },
  );
  expect(tried).toBeGreaterThan(100);
}

describe('a plan with exits', () => {
  it('at which nobody leaves, with free heads, costs what the plan without them costs', () => {
    forSubjects((drawn) => {
      const { problem, plan } = drawn;
      const without = evaluate(problem, plan);
      const {
        expectation,
        overlap: _,
        ...report
      } = evaluate(problem, {
        ...plan,
        policies: withShares(drawn, () => 0),
      });
      const { overlap: __, accuracyLoss: ___, ...rest } = without;
      const { accuracyLoss: ____, ...own } = report;
      expect(own).toEqual(rest);
      expect(expectation?.stayingShare).toBe(1);
      // Answers of the last exits may have a longer way than those of the model.
      expect(expectation?.worstLatencySeconds).toBeGreaterThanOrEqual(without.latencySeconds);
    });
  });

  it('at the first of which all leave does nothing behind it', () => {
    forSubjects((drawn) => {
      const { problem, plan } = drawn;
      const report = evaluate(problem, { ...plan, policies: withShares(drawn, (at) => (at === 0 ? 1 : 0)) });
      const leaving = report.expectation?.exits[0];
      expect(report.latencySeconds).toBe(leaving?.latencySeconds);
      expect(report.expectation?.stayingShare).toBe(0);
      if (leaving?.device !== 'd0') return;
      expect(report.latencySeconds).toBe(report.stages[0]?.endSeconds);
      expect(report.periodSeconds).toBe(report.stages[0]?.computeSeconds);
      expect(report.bytesSent).toBe(0);
      expect(report.devices.find(({ device }) => device === 'd1')?.busySeconds).toBe(0);
    });
  });

  it('costs no more of anything the more requests leave at an exit of the device where they entered', () => {
    forSubjects((drawn, seed) => {
      const { problem, plan, policy } = drawn;
      const random = createRandom(seed + 1);
      const share = random.next() / policy.points.length;
      const more = share + random.next() * (1 / policy.points.length - share);
      const at = random.integer(policy.points.length);
      const with_ = (own: number) =>
        evaluate(problem, {
          ...plan,
          policies: withShares(drawn, (index) => (index === at ? own : share)),
        });
      const [fewer, many] = [with_(share), with_(more)];
      if (fewer.expectation?.exits[at]?.device !== 'd0') return;
      for (const figure of figures)
        expect(many[figure]).toBeLessThanOrEqual((fewer[figure] ?? 0) * (1 + 1e-12));
      expect(many.expectation?.worstLatencySeconds).toBe(fewer.expectation?.worstLatencySeconds);
    });
  });

  it('holds constraints against the request that takes longest, and counts what exits cost of the answers', () => {
    forSubjects((drawn) => {
      const { problem, plan } = drawn;
      const policies = withShares(drawn, (at) => (at === 0 ? 1 : 0));
      const report = evaluate(problem, { ...plan, policies });
      const worst = report.expectation?.worstLatencySeconds ?? 0;
      if (worst === report.latencySeconds) return;
      const latencySeconds = report.latencySeconds;
      const strict = { ...problem, constraints: { ...problem.constraints, latencySeconds, accuracyLoss: 0 } };
      const loss = policies.exits?.accuracyLoss ?? 0;
      expect(report.accuracyLoss).toBe(loss);
      expect(evaluate(strict, { ...plan, policies }).violations).toEqual([
        expect.stringContaining(`takes ${worst} s`),
        ...(loss > 0 ? [expect.stringContaining(`${loss} of the answers`)] : []),
      ]);
    });
  });
});
