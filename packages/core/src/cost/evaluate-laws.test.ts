import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rateAt } from '../cluster/rate-at.ts';
import type { Stage } from '../plan/plan.ts';
import { planOf } from '../plan/plan-of.ts';
import type { Problem } from '../plan/problem.ts';
import { randomProblem } from '../plan/random-problem.ts';
import { validatePlan } from '../plan/validate-plan.ts';
import { createRandom } from '../random.ts';
import { bitsPerSecond } from '../units.ts';
import { computeTable, occupiedSeconds, transferTable } from './cost-tables.ts';
import { createEvaluator, evaluate } from './evaluate.ts';

function priced(problem: Problem, stages: readonly Stage[]) {
  const plan = planOf(problem, '', stages, 'test');
  expect(validatePlan(problem, plan)).toEqual([]);
  return { plan, report: evaluate(problem, plan) };
}

describe('evaluate on random problems', () => {
  const seeds = fc.integer({ min: 0, max: 1e6 });

  it('gives a chain cut in two the plain sum of the tables', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 11 }), (seed, at) => {
        const problem = randomProblem(createRandom(seed), { graph: { kind: 'chain', nodes: 12 } });
        const nodes = [...problem.graph.nodes.keys()];
        const { plan, report } = priced(problem, [
          { device: 'd0', nodes: nodes.slice(0, at) },
          { device: 'd1', nodes: nodes.slice(at) },
        ]);
        const compute = computeTable(problem);
        let sum = 0;
        for (const node of nodes) sum += compute.seconds[node < at ? 0 : 1]?.[node] ?? 0;
        for (const transfer of plan.transfers) {
          const link = transferTable(problem).links.find(
            ({ from, to }) => from === transfer.from && to === transfer.to,
          );
          const size = problem.graph.tensors[transfer.tensor]?.bytes ?? 0;
          if (link !== undefined) sum += occupiedSeconds(link, size) + link.delaySeconds;
        }
        expect(plan.transfers.length).toBe(2);
        expect(report.latencySeconds).toBeCloseTo(sum, 9);
      }),
      { numRuns: 200, seed: 11 },
    );
  });

  it('lies between the busiest resource and the sum of all work, for any acyclic stages on three devices', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = createRandom(seed);
        const problem = randomProblem(random, { devices: 3, elsewhere: 0.3 });
        const stages = problem.graph.nodes.map(({ id }) => ({
          device: `d${random.integer(3)}`,
          nodes: [id],
        }));
        const { report } = priced(problem, stages);
        const delays = problem.cluster.links.map(({ roundTripSeconds }) => roundTripSeconds / 2);
        const work =
          report.stages.reduce((sum, stage) => sum + stage.computeSeconds, 0) +
          report.links.reduce((sum, link) => sum + link.busySeconds, 0) +
          Math.max(...delays) * report.transfers.length;
        expect(report.latencySeconds).toBeGreaterThanOrEqual(report.periodSeconds * (1 - 1e-12));
        expect(report.latencySeconds).toBeLessThanOrEqual(work * (1 + 1e-12));
        expectExclusive(report.stages.map((stage) => ({ ...stage, resource: stage.device })));
      }),
      { numRuns: 200, seed: 12 },
    );
  });

  it('says of plans in turn what it says of each alone', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = createRandom(seed);
        const problem = randomProblem(random, { devices: 4, elsewhere: 0.3, missingLinks: 0.2 });
        const evaluator = createEvaluator(problem);
        for (const devices of [4, 1, 2, 3, 2]) {
          const stages = problem.graph.nodes.map(({ id }) => ({
            device: `d${random.integer(devices)}`,
            nodes: [id],
          }));
          const plan = planOf(problem, '', stages, 'test');
          expect(evaluator.evaluate(plan)).toEqual(evaluate(problem, plan));
        }
      }),
      { numRuns: 100, seed: 14 },
    );
  });

  it('is never later when the links of a two-stage plan are faster', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const problem = randomProblem(createRandom(seed), {
          graph: { kind: 'chain', nodes: 8 },
          elsewhere: 0.5,
        });
        const stages = [
          { device: 'd0', nodes: [0, 1, 2] },
          { device: 'd1', nodes: [3, 4, 5, 6, 7] },
        ];
        const latency = priced(problem, stages).report.latencySeconds;
        const links = problem.cluster.links.map((link) => ({
          ...link,
          rate: { kind: 'constant' as const, bitsPerSecond: bitsPerSecond(rateAt(link, 0) * 2) },
        }));
        const faster = { ...problem, cluster: { ...problem.cluster, links } };
        expect(priced(faster, stages).report.latencySeconds).toBeLessThanOrEqual(latency);
      }),
      { numRuns: 100, seed: 13 },
    );
  });
});

function expectExclusive(
  work: readonly { readonly resource: string; readonly startSeconds: number; readonly endSeconds: number }[],
): void {
  const sorted = [...work].sort(
    (left, right) => left.startSeconds - right.startSeconds || left.endSeconds - right.endSeconds,
  );
  const free = new Map<string, number>();
  for (const { resource, startSeconds, endSeconds } of sorted) {
    expect(startSeconds).toBeGreaterThanOrEqual(free.get(resource) ?? 0);
    free.set(resource, endSeconds);
  }
}
