import { describe, expect, it } from 'vitest';
import { exampleCluster } from '../cluster/example-cluster.ts';
import { evaluate } from '../cost/evaluate.ts';
import { graphOf } from '../graph/graph-of.ts';
import { zooModel } from '../zoo/zoo.ts';
import { compressedPlan } from './compressed-plan.ts';
import { planOf } from './plan-of.ts';
import { problemOf } from './problem-of.ts';
import { readPlan } from './read-plan.ts';
import { writePlan } from './write-plan.ts';

describe('compressedPlan', () => {
  it('names the compressor on every transfer of floats, as a file does, and counts on no saving', () => {
    const graph = graphOf(zooModel('cifar-resnet-8', { batch: 1 }));
    const problem = problemOf(graph, exampleCluster());
    const digest = 'a'.repeat(64);
    const nodes = graph.nodes.map(({ id }) => id);
    const plan = planOf(problem, digest, [{ device: 'server', nodes }], 'test');
    const compressed = compressedPlan(graph, plan, 'brotli');
    expect(plan.transfers.length).toBeGreaterThan(0);
    expect(compressed.transfers.map(({ codec }) => codec)).toEqual(
      plan.transfers.map(({ codec }) => ({ ...codec, lossless: 'brotli' })),
    );
    expect(readPlan(writePlan(compressed), problem, digest).transfers).toEqual(compressed.transfers);
    const [usual, priced] = [evaluate(problem, plan), evaluate(problem, compressed)];
    expect(priced.violations).toEqual([]);
    expect(priced.bytesSent).toBe(usual.bytesSent + 8 * plan.transfers.length);
  });
});
