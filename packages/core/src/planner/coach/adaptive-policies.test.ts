import { expect, it } from 'vitest';
import { exampleCluster } from '../../cluster/example-cluster.ts';
import { createEvaluator } from '../../cost/evaluate.ts';
import { randomGraph } from '../../graph/random-graph.ts';
import type { Accuracy } from '../../plan/accuracy.ts';
import { planOf } from '../../plan/plan-of.ts';
import { problemOf } from '../../plan/problem-of.ts';
import { createRandom } from '../../random.ts';
import { bitsPerSecond, seconds } from '../../units.ts';
import { adaptivePolicies } from './adaptive-policies.ts';

/** Nodes 0 to 4; tensor 3 crosses behind node 2. */
const graph = randomGraph(createRandom(3), { kind: 'chain', nodes: 5 });

function adapted(rate: number, accuracy: Accuracy, most: number = 0.005) {
  const { links, ...cluster } = exampleCluster();
  const paced = links.map((link) => ({
    ...link,
    roundTripSeconds: seconds(0),
    perMessageSeconds: seconds(0),
    rate: { kind: 'constant', bitsPerSecond: bitsPerSecond(rate) } as const,
  }));
  const problem = problemOf(graph, { ...cluster, links: paced }, { accuracy, accuracyLoss: most });
  const stages = [
    { device: 'pi', nodes: [0, 1, 2] },
    { device: 'server', nodes: [3, 4] },
  ];
  const plan = planOf(problem, '', stages, 'by-hand', {
    codecOf: ({ to }) => (to === 'server' ? { kind: 'affine', bits: 5, perChannel: false } : { kind: 'raw' }),
  });
  const evaluator = createEvaluator(problem);
  return adaptivePolicies(problem, { plan, report: evaluator.evaluate(plan) }, evaluator);
}

const accuracy: Accuracy = {
  rows: [{ tensor: 3, bits: 5, loss: 0.004 }],
  chosen: [
    {
      tensor: 3,
      afterExits: false,
      bits: [
        { bits: 3, share: 0.25 },
        { bits: 6, share: 0.75 },
      ],
      loss: 0.002,
    },
  ],
};

it.each([
  {
    rate: 1e3,
    expected: [0.25, 0, 0, 0.75],
    what: 'as few bits as are enough where the link is slower than both devices',
  },
  { rate: 1e15, expected: [0, 0, 0, 1], what: 'the most where it is faster' },
])('expects $what', ({ rate, expected }) => {
  const { plan, report, note } = adapted(rate, accuracy);
  expect(plan.policies?.precision?.bits).toEqual(expected.map((share, at) => ({ bits: 3 + at, share })));
  expect(plan.transfers.find(({ tensor }) => tensor === 3)?.codec).toMatchObject({ bits: 6 });
  expect([report.accuracyLoss, report.violations, note]).toEqual([0.002, [], '']);
});

it('says why bits are not chosen, with policies that decide nothing', () => {
  const chosen = (accuracy.chosen ?? []).map((row) => ({ ...row, loss: 0.1 }));
  const { plan, note } = adapted(1e6, { ...accuracy, chosen });
  expect(plan.policies).toEqual({});
  expect(note).toMatch(/^ Bits are not chosen request by request: Codecs and exits may cost 0.1 /);
  expect(adapted(1e6, { rows: accuracy.rows }).plan.policies, 'nothing was calibrated').toBeUndefined();
});
