import { expect, it } from 'vitest';
import { exampleCluster } from '../../cluster/example-cluster.ts';
import { createEvaluator } from '../../cost/evaluate.ts';
import { prefixCuts } from '../../graph/cut.ts';
import { randomGraph } from '../../graph/random-graph.ts';
import type { Accuracy } from '../../plan/accuracy.ts';
import type { ExitTable } from '../../plan/exit-table.ts';
import { planOf } from '../../plan/plan-of.ts';
import { problemOf } from '../../plan/problem-of.ts';
import type { TransferCodec } from '../../plan/transfer-codec.ts';
import { createRandom } from '../../random.ts';
import { bitsPerSecond, bytes, flops, seconds } from '../../units.ts';
import { codedCrossing } from '../coded-crossing.ts';
import { adaptivePolicies } from './adaptive-policies.ts';
import { CrossingCodecs } from './crossing-codecs.ts';

const fiveBits: TransferCodec = { kind: 'affine', bits: 5, perChannel: false };

/** Nodes 0 to 4; tensor 3 crosses behind node 2. */
const graph = randomGraph(createRandom(3), { kind: 'chain', nodes: 5 });

function adapted(
  rate: number,
  accuracy: Accuracy,
  most: number = 0.005,
  { codec = fiveBits, exits }: { readonly codec?: TransferCodec; readonly exits?: ExitTable } = {},
) {
  const { links, ...cluster } = exampleCluster();
  const paced = links.map((link) => ({
    ...link,
    roundTripSeconds: seconds(0),
    perMessageSeconds: seconds(0),
    rate: { kind: 'constant', bitsPerSecond: bitsPerSecond(rate) } as const,
  }));
  const problem = problemOf(
    graph,
    { ...cluster, links: paced },
    {
      accuracy,
      accuracyLoss: most,
      ...(exits === undefined ? {} : { exits }),
    },
  );
  const stages = [
    { device: 'pi', nodes: [0, 1, 2] },
    { device: 'server', nodes: [3, 4] },
  ];
  const plan = planOf(problem, '', stages, 'by-hand', {
    codecOf: ({ to }) => (to === 'server' ? codec : { kind: 'raw' }),
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

it('lets requests leave where the others cross in half precision, and chooses no bits there', () => {
  const point = { tensor: 3, kind: 'centres', threshold: 0.5, share: 0.25 } as const;
  const head = {
    tensor: 3,
    kind: 'centres',
    flops: flops(10),
    movedBytes: bytes(10),
    parameterBytes: bytes(10),
    answerBytes: bytes(8),
  } as const;
  const exits = { heads: [head], settings: [{ points: [point], accuracyLoss: 0.001 }] };
  const { plan, report } = adapted(1e6, { rows: [{ tensor: 3, bits: 16, loss: 0 }] }, 0.005, {
    codec: { kind: 'fp16' },
    exits,
  });
  expect(plan.policies).toEqual({ exits: { points: [point], accuracyLoss: 0.001 } });
  expect([report.accuracyLoss, report.violations]).toEqual([0.001, []]);
});

it('sends what calibration gave the affine codec up for in half precision, whoever plans', () => {
  const rows = [{ tensor: 3, bits: 16, loss: 0 }];
  const tensors = graph.tensors.map((row) =>
    row.id === 3 ? { ...row, shape: [64], bytes: bytes(256) } : row,
  );
  const problem = problemOf({ ...graph, tensors }, exampleCluster(), { accuracy: { rows, others: 'raw' } });
  const codecOf = codedCrossing(problem, { kind: 'affine', bits: 8, perChannel: false });
  expect(codecOf({ tensor: 3, from: 'pi', to: 'server' })).toEqual({ kind: 'fp16' });
  expect(new CrossingCodecs(problem).of(3).map(({ codec }) => codec.kind)).toEqual(['fp16', 'raw']);
});

it('decides nothing where several tensors cross, and says so where there is a calibration', () => {
  const skipping = randomGraph(createRandom(1), { kind: 'general', nodes: 8 });
  const cut = prefixCuts(skipping).find(({ boundary }) => boundary.length === 2 && !boundary.includes(0));
  if (cut === undefined) throw new Error('no two tensors cross together');
  const rest = skipping.nodes.flatMap(({ id }) => (cut.nodes.includes(id) ? [] : [id]));
  const priced = (known: Partial<Accuracy>) => {
    const problem = problemOf(skipping, exampleCluster(), { accuracy: { rows: [], ...known } });
    const stages = [
      { device: 'pi', nodes: cut.nodes },
      { device: 'server', nodes: rest },
    ];
    const plan = planOf(problem, '', stages, 'by-hand');
    const evaluator = createEvaluator(problem);
    return adaptivePolicies(problem, { plan, report: evaluator.evaluate(plan) }, evaluator);
  };
  const { plan, note } = priced({ others: 'raw' });
  expect(plan.policies).toEqual({});
  expect(note).toMatch(/^ No request leaves and no bits are chosen behind this cut: 2 tensors cross it /);
  const uncalibrated = priced({});
  expect([uncalibrated.note, uncalibrated.plan.policies]).toEqual(['', undefined]);
});

it('says why bits are not chosen, with policies that decide nothing', () => {
  const chosen = (accuracy.chosen ?? []).map((row) => ({ ...row, loss: 0.1 }));
  const { plan, note } = adapted(1e6, { ...accuracy, chosen });
  expect(plan.policies).toEqual({});
  expect(note).toMatch(/^ Bits are not chosen request by request: Codecs and exits may cost 0.1 /);
  expect(adapted(1e6, { rows: accuracy.rows }).plan.policies, 'nothing was calibrated').toBeUndefined();
});
