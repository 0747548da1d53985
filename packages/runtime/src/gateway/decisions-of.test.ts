import {
  type Calibration,
  createModelBuilder,
  evaluate,
  exampleCluster,
  graphOf,
  planOf,
  problemOf,
} from '@tandem/core';
import { expect, it } from 'vitest';
import { learnedCut } from '../../../../tests/learned-cut.ts';
import { decisionsOf } from './decisions-of.ts';

/** x → Relu → a → Relu → b, and y = a + b: a and b cross behind both. */
const graph = (() => {
  const builder = createModelBuilder({ name: 'small', opset: 17 });
  const a = builder.node('Relu', [builder.input('x', 'float32', [1, 3])]);
  const b = builder.node('Relu', [a]);
  builder.output(builder.node('Add', [a, b]), 'float32', [1, 3]);
  return graphOf(builder.build());
})();
const crossing = graph.nodes.slice(0, 2).flatMap(({ outputs }) => outputs);
const names = crossing.map((id) => graph.tensors[id]?.name ?? '');
const [tensor = -1, ...beside] = crossing;

const calibration: Calibration = {
  model: { name: 'small', digest: 'a'.repeat(64), inputs: '' },
  data: { name: 'clear', digest: 'a'.repeat(64), samples: 100, judgedBy: 'agreement' },
  mostLoss: 0.02,
  cuts: [
    learnedCut({
      tensors: names,
      bits: 3,
      fewerBits: [{ bits: 2, atLeast: 0.25 }],
      centres: [0, 1].map((label) => ({ label, count: 50, centre: [1, 0, 0, label, 0, 1] })),
    }),
  ],
  heads: { heads: [], settings: [], notes: [] },
};

it('decides once about several tensors that cross together, with the same bits for all', () => {
  const problem = problemOf(graph, exampleCluster());
  const point = { tensor, beside, kind: 'centres', threshold: 0.5, share: 0.25 } as const;
  const transfers = crossing.map((id) => ({ tensor: id, to: 'server' }));
  const precision = { rule: 'fill', transfers, bits: [2, 3].map(shareOf) } as const;
  const stages = [
    { device: 'pi', nodes: [0, 1] },
    { device: 'server', nodes: [2] },
  ];
  const plan = planOf(problem, '', stages, 'by-hand', {
    codecOf: ({ to }) => (to === 'server' ? { kind: 'affine', bits: 3, perChannel: false } : { kind: 'raw' }),
  });
  const report = evaluate(problem, plan);
  const policies = { exits: { points: [point], accuracyLoss: 0 }, precision };
  const { decisions, notes } = decisionsOf({ problem, plan: { ...plan, policies }, report, calibration });
  expect(notes).toEqual([]);
  expect(decisions).toMatchObject([
    {
      stage: 0,
      tensors: names,
      channels: 6,
      labels: [0, 1],
      by: { kind: 'centres', thresholds: { exitAbove: 0.5 } },
      bits: { least: 2, most: 3, ways: names.map((name) => ({ tensor: name, to: 'server' })) },
    },
  ]);
  const none = decisionsOf({ problem, plan: { ...plan, policies: {} }, report, calibration });
  expect(none.decisions).toEqual([]);
  const parted = planOf(
    problem,
    '',
    [0, 1, 2].map((node) => ({ device: node < 2 ? 'pi' : 'server', nodes: [node] })),
    '',
  );
  // What crosses is not made by one stage, at whose end it could be decided about.
  expect(
    decisionsOf({ problem, plan: parted, report: evaluate(problem, parted), calibration }).decisions,
  ).toEqual([]);
});

function shareOf(bits: number): { readonly bits: 2 | 3; readonly share: number } {
  return { bits: bits === 2 ? 2 : 3, share: 0.5 };
}
