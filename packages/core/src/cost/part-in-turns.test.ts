import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleCluster } from '../cluster/example-cluster.ts';
import { graphOf } from '../graph/graph-of.ts';
import { planOf } from '../plan/plan-of.ts';
import { problemOf } from '../plan/problem-of.ts';
import { seconds } from '../units.ts';
import { zooModel } from '../zoo/zoo.ts';
import { evaluate } from './evaluate.ts';
import { partInTurns } from './part-in-turns.ts';

const graph = graphOf(zooModel('cifar-resnet-8', { batch: 1 }), { batch: 1 });
const problem = problemOf(graph, exampleCluster());
const nodes = graph.nodes.map(({ id }) => id);
const [front, back] = [nodes.slice(0, 9), nodes.slice(9)];
const plan = planOf(
  problem,
  '',
  [
    { device: 'pi', nodes: front },
    { device: 'server', nodes: back },
  ],
  'test',
);
const whole = evaluate(problem, plan);

describe('partInTurns', () => {
  it('cuts stages at layers so that none takes longer, and changes nothing else', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 0.1, noNaN: true }), (turn) => {
        const parted = partInTurns(problem, plan, seconds(turn));
        const { stages, violations, latencySeconds, bytesSent } = evaluate(problem, parted);
        expect(violations).toEqual([]);
        expect(latencySeconds).toBeCloseTo(whole.latencySeconds, 9);
        expect(bytesSent).toBe(whole.bytesSent);
        for (const [at, { nodes: own }] of parted.stages.entries()) {
          const roots = new Set(own.map((id) => graph.nodes[id]?.foldedInto ?? id));
          if (roots.size > 1) expect(stages[at]?.computeSeconds).toBeLessThanOrEqual(turn);
        }
        const placed = (device: string): number[] =>
          parted.stages
            .flatMap((stage) => (stage.device === device ? stage.nodes : []))
            .sort((a, b) => a - b);
        expect([placed('pi'), placed('server')]).toEqual([front, back]);
      }),
    );
  });

  it('leaves short stages and batches whole', () => {
    expect(partInTurns(problem, plan, seconds(10)).stages).toEqual(plan.stages);
    const batched = { ...plan, stages: plan.stages.map((stage) => ({ ...stage, batch: 4 })) };
    expect(partInTurns(problem, batched, seconds(0))).toEqual(batched);
    expect(partInTurns(problem, plan, seconds(0)).stages.length).toBeGreaterThan(10);
  });
});
