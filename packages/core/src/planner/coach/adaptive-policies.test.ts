import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleCluster } from '../../cluster/example-cluster.ts';
import { createEvaluator } from '../../cost/evaluate.ts';
import { compareByObjective } from '../../cost/objective-value.ts';
import { prefixCuts } from '../../graph/cut.ts';
import { randomGraph } from '../../graph/random-graph.ts';
import type { Accuracy } from '../../plan/accuracy.ts';
import { cutTensors } from '../../plan/cut-tensors.ts';
import { type ExitTable, leadOnTogether } from '../../plan/exit-table.ts';
import { exitsByCentres } from '../../plan/exits-by-centres.ts';
import { partForOverlap } from '../../plan/part-for-overlap.ts';
import { planOf } from '../../plan/plan-of.ts';
import { problemOf } from '../../plan/problem-of.ts';
import { readPlan } from '../../plan/read-plan.ts';
import type { TransferCodec } from '../../plan/transfer-codec.ts';
import { validatePlan } from '../../plan/validate-plan.ts';
import { writePlan } from '../../plan/write-plan.ts';
import { createRandom } from '../../random.ts';
import { bytes, seconds } from '../../units.ts';
import { codedCrossing } from '../coded-crossing.ts';
import { chain, chainProblem, halvedPlan } from '../halved-chain.ts';
import { adaptivePolicies } from './adaptive-policies.ts';
import { CrossingCodecs } from './crossing-codecs.ts';

const fiveBits: TransferCodec = { kind: 'affine', bits: 5, perChannel: false };

function adapted(
  rate: number,
  accuracy: Accuracy,
  most: number = 0.005,
  { codec = fiveBits, exits }: { readonly codec?: TransferCodec; readonly exits?: ExitTable } = {},
) {
  const problem = chainProblem(
    rate,
    { accuracy, accuracyLoss: most, ...(exits === undefined ? {} : { exits }) },
    { roundTripSeconds: seconds(0), perMessageSeconds: seconds(0) },
  );
  const plan = halvedPlan(problem, codec);
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
  const exits = exitsByCentres({ tensor: 3 }, { share: 0.25, cost: 10, accuracyLoss: 0.001 });
  const { plan, report } = adapted(1e6, { rows: [{ tensor: 3, bits: 16, loss: 0 }] }, 0.005, {
    codec: { kind: 'fp16' },
    exits,
  });
  expect(plan.policies).toEqual({ exits: exits.settings[0] });
  expect(plan.policies?.exits).toMatchObject({ points: [{ tensor: 3, share: 0.25 }], accuracyLoss: 0.001 });
  expect([report.accuracyLoss, report.violations]).toEqual([0.001, []]);
});

it('sends what calibration gave the affine codec up for in half precision, whoever plans', () => {
  const rows = [{ tensor: 3, bits: 16, loss: 0 }];
  const tensors = chain.tensors.map((row) =>
    row.id === 3 ? { ...row, shape: [64], bytes: bytes(256) } : row,
  );
  const problem = problemOf({ ...chain, tensors }, exampleCluster(), { accuracy: { rows, others: 'raw' } });
  const codecOf = codedCrossing(problem, { kind: 'affine', bits: 8, perChannel: false });
  expect(codecOf({ tensor: 3, from: 'pi', to: 'server' })).toEqual({ kind: 'fp16' });
  expect(new CrossingCodecs(problem).of(3).map(({ codec }) => codec.kind)).toEqual(['fp16', 'raw']);
});

const digest = 'a'.repeat(64);

/** A cut that two tensors or more cross, none of them the input; the graph answers behind it alone. */
function jointCut(seed: number) {
  const graph = randomGraph(createRandom(seed), { kind: 'general', nodes: 8 });
  const cut = prefixCuts(graph).find(
    ({ boundary }) => boundary.length > 1 && leadOnTogether(graph, boundary),
  );
  return cut === undefined ? null : { graph, cut };
}

interface Joint {
  readonly share?: number;
  readonly known?: Partial<Accuracy>;
  readonly objective?: 'latency' | 'period';
}

/** What is decided at the cut of a seed, with all that is made in one stage or parted as the planner does; null where there is no such cut. */
function jointly(seed: number, { share = 0.5, known = {}, objective = 'latency' }: Joint) {
  const found = jointCut(seed);
  if (found === null) return null;
  const { graph, cut } = found;
  const [tensor = -1, ...beside] = cut.boundary;
  const exits = exitsByCentres({ tensor, beside }, { share, cost: 0, accuracyLoss: 0.001 });
  const bits = [
    { bits: 2, share: 0.5 },
    { bits: 4, share: 0.5 },
  ] as const;
  const accuracy: Accuracy = {
    rows: cut.boundary.map((id) => ({ tensor: id, bits: 4, loss: 0.001 })),
    others: 'raw',
    chosen: [false, true].map((afterExits) => ({ tensor, beside, afterExits, bits, loss: 0.002 })),
    ...known,
  };
  const problem = problemOf(graph, exampleCluster(), {
    accuracy,
    accuracyLoss: 0.1,
    objective: { kind: objective },
    ...(known.chosen === undefined ? { exits } : {}),
  });
  const before = new Set(cut.nodes);
  const rest = graph.nodes.flatMap(({ id }) => (before.has(id) ? [] : [id]));
  const stages = partForOverlap(problem, [
    { device: 'pi', nodes: [...cut.nodes] },
    { device: 'server', nodes: rest },
  ]);
  const plan = planOf(problem, digest, stages, 'by-hand', {
    codecOf: ({ to }) => (to === 'server' ? { kind: 'affine', bits: 4, perChannel: false } : { kind: 'raw' }),
  });
  const evaluator = createEvaluator(problem);
  const report = evaluator.evaluate(plan);
  return { problem, cut, plan, report, decided: adaptivePolicies(problem, { plan, report }, evaluator) };
}

const seeds = fc.integer({ min: 0, max: 5000 });

describe('where several tensors cross', () => {
  it('decides once for all of them, at the end of one stage, in plans that are valid and cost no more', () => {
    let joint = 0;
    let parted = 0;
    fc.assert(
      fc.property(seeds, fc.constantFrom('latency', 'period'), (seed, objective) => {
        const drawn = jointly(seed, { objective });
        if (drawn === null) return;
        const { problem, cut, plan, report, decided } = drawn;
        expect(validatePlan(problem, decided.plan)).toEqual([]);
        const { exits, precision } = decided.plan.policies ?? {};
        expect(compareByObjective(problem.objective, decided.report, report)).toBeLessThanOrEqual(0);
        if (exits === undefined && precision === undefined) {
          expect(decided.plan.stages).toEqual(plan.stages);
          expect(decided.note).toMatch(/wait for each other/);
          return;
        }
        joint++;
        parted += plan.stages.filter(({ device }) => device === 'pi').length > 1 ? 1 : 0;
        expect(decided.plan.stages.filter(({ device }) => device === 'pi')).toHaveLength(1);
        expect(exits?.points.flatMap(cutTensors)).toEqual([...cut.boundary]);
        expect(precision?.transfers.map(({ tensor }) => tensor).toSorted((a, b) => a - b)).toEqual([
          ...cut.boundary,
        ]);
        expect(decided.report.accuracyLoss).toBeCloseTo(0.001 + 0.002, 9);
        const again = readPlan(writePlan(decided.plan), problem, digest);
        expect(again.policies).toEqual(decided.plan.policies);
      }),
      { numRuns: 200, seed: 11 },
    );
    expect([joint > 30, parted > 5]).toEqual([true, true]);
  });

  it('sends nothing of a request that leaves, and less the more of them leave', () => {
    let tried = 0;
    fc.assert(
      fc.property(seeds, fc.double({ min: 0, max: 0.9, noNaN: true }), (seed, share) => {
        const [some, more, all] = [share, share + 0.1, 1].map(
          (own) => jointly(seed, { share: own })?.decided,
        );
        if (all?.plan.policies?.exits === undefined || some?.plan.policies?.exits === undefined) return;
        tried++;
        expect(all.report.bytesSent).toBe(0);
        expect(more?.report.bytesSent).toBeLessThan(some.report.bytesSent);
      }),
      { numRuns: 100, seed: 12 },
    );
    expect(tried).toBeGreaterThan(10);
  });

  it('decides nothing of which nothing was calibrated, and says so where there is a calibration', () => {
    const seed = [...Array(50).keys()].find((own) => jointCut(own) !== null) ?? -1;
    const { decided } = jointly(seed, { known: { chosen: [] } }) ?? {};
    expect(decided?.plan.policies).toEqual({});
    expect(decided?.note).toMatch(
      /^ No request leaves and no bits are chosen behind this cut: nothing was calibrated of the \d tensors that cross it/,
    );
    const { decided: unknown } = jointly(seed, { known: { chosen: [], others: 'assumed' } }) ?? {};
    expect([unknown?.note, unknown?.plan.policies]).toEqual(['', undefined]);
  });
});

it('says why bits are not chosen, with policies that decide nothing', () => {
  const chosen = (accuracy.chosen ?? []).map((row) => ({ ...row, loss: 0.1 }));
  const { plan, note } = adapted(1e6, { ...accuracy, chosen });
  expect(plan.policies).toEqual({});
  expect(note).toMatch(/^ Bits are not chosen request by request: Codecs and exits may cost 0.1 /);
  expect(adapted(1e6, { rows: accuracy.rows }).plan.policies, 'nothing was calibrated').toBeUndefined();
});
