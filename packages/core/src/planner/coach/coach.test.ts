import { describe, expect, it } from 'vitest';
import { affineBits } from '../../codec/codec.ts';
import { evaluate } from '../../cost/evaluate.ts';
import { cutOf, prefixCuts } from '../../graph/cut.ts';
import type { Cut } from '../../graph/graph.ts';
import type { RandomGraphKind } from '../../graph/random-graph.ts';
import { singleTensorCuts } from '../../graph/single-tensor-cuts.ts';
import { codecLoss } from '../../plan/accuracy.ts';
import { type ExitTable, exitOrder } from '../../plan/exit-table.ts';
import type { Plan } from '../../plan/plan.ts';
import { planOf } from '../../plan/plan-of.ts';
import type { Problem } from '../../plan/problem.ts';
import { randomProblem } from '../../plan/random-problem.ts';
import type { TransferCodec } from '../../plan/transfer-codec.ts';
import { validatePlan } from '../../plan/validate-plan.ts';
import { createRandom } from '../../random.ts';
import { bytes, flops, seconds } from '../../units.ts';
import { isShorter } from '../coded-crossing.ts';
import type { PlanResult } from '../planner.ts';
import { planners } from '../planners.ts';
import { stillContextOf } from '../still-context.ts';
import { type CoachForm, coachScore, compareScores, keepsOverlap, reportedTimes } from './coach-score.ts';

const pair = { first: 'd0', second: 'd1' };
const forms = [
  { form: 'sum' as const, planner: planners.coach },
  { form: 'in-turn' as const, planner: planners['coach-lex'] },
];

/** Half of all requests leave by the centres, wherever that is. */
function centresEverywhere({ graph }: Problem): ExitTable {
  const tensors = exitOrder(graph);
  const kind = 'centres';
  return {
    heads: tensors.map((tensor) => ({
      tensor,
      kind,
      flops: flops(1),
      movedBytes: bytes(1),
      parameterBytes: bytes(1),
      answerBytes: bytes(1),
    })),
    settings: tensors.map((tensor) => ({
      points: [{ tensor, kind, threshold: 1, share: 0.5 }],
      accuracyLoss: 0,
    })),
  };
}

/** With losses of its own for each tensor and number of bits, falling as bits grow. */
function problemAt(seed: number, kind: RandomGraphKind, latencyBound: boolean = false): Problem {
  const random = createRandom(seed);
  const base = randomProblem(random, {
    graph: { kind, nodes: 2 + random.integer(10), folded: 0.1 },
    tightMemory: 0.2,
  });
  const rows = base.graph.tensors.flatMap(({ id }) => {
    const scale = random.next();
    return affineBits.map((bits) => ({ tensor: id, bits, loss: scale * 2 ** -bits }));
  });
  const problem = { ...base, accuracy: { rows } };
  if (!latencyBound) return problem;
  const latencies = thinPlans(problem, singleTensorCuts(base.graph)).map((plan) =>
    Number(evaluate(problem, plan).latencySeconds),
  );
  const least = Math.min(...latencies, 1e3);
  return { ...problem, constraints: { ...problem.constraints, latencySeconds: seconds(least * 1.5) } };
}

/** Each of these cuts, which one tensor crosses, with every codec that loses little enough and saves bytes. */
function thinPlans(problem: Problem, cuts: readonly Cut[]): Plan[] {
  const codecs: readonly TransferCodec[] = [
    { kind: 'raw' },
    ...affineBits.map((bits): TransferCodec => ({ kind: 'affine', bits, perChannel: false })),
  ];
  return cuts.flatMap(({ nodes }) => {
    const behind = problem.graph.nodes.map(({ id }) => id).filter((id) => !nodes.includes(id));
    const stages = [
      { device: 'd0', nodes },
      { device: 'd1', nodes: behind },
    ];
    return codecs.map((codec) =>
      planOf(problem, '', stages, 'by-hand', {
        codecOf: ({ tensor, to }) => {
          const row = problem.graph.tensors[tensor];
          const fits = to === 'd1' && row !== undefined && isShorter(row, codec);
          return fits && codecLoss(problem, tensor, codec) <= 0.005 ? codec : { kind: 'raw' };
        },
      }),
    );
  });
}

function scoreOf(problem: Problem, plan: Plan, form: CoachForm): readonly number[] {
  return coachScore(form, reportedTimes(evaluate(problem, plan), pair));
}

function bestOf(problem: Problem, plans: readonly Plan[], form: CoachForm): readonly number[] | null {
  const feasible = plans.filter((plan) => evaluate(problem, plan).violations.length === 0);
  const scores = feasible.map((plan) => scoreOf(problem, plan, form));
  return scores.toSorted(compareScores)[0] ?? null;
}

function planBy(planner: (typeof forms)[number]['planner'], problem: Problem): Promise<PlanResult> {
  return planner.plan(problem, stillContextOf(problem));
}

describe.each(forms)('COACH with its objective as $form', ({ form, planner }) => {
  it.each([false, true])(
    'is the best of all cuts and bits of a chain (latency bounded: %s)',
    async (bounded) => {
      let [judged, inner] = [0, 0];
      for (let seed = 0; seed < 150; seed++) {
        const problem = problemAt(seed, 'chain', bounded);
        const best = bestOf(problem, thinPlans(problem, prefixCuts(problem.graph)), form);
        const result = await planBy(planner, problem);
        expect(result.kind === 'plan').toBe(best !== null);
        if (result.kind !== 'plan' || best === null) continue;
        judged++;
        if (result.plan.stages.length > 1) inner++;
        const [ours = Number.NaN, theirs = Number.NaN] = [scoreOf(problem, result.plan, form)[0], best[0]];
        expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(1e-9 * theirs);
      }
      expect(judged).toBeGreaterThan(75);
      expect(inner).toBeGreaterThan(20);
    },
  );

  it('is never worse than the best cut that one tensor crosses, keeps (4) and loses at most 0.5 %', async () => {
    let wide = 0;
    for (let seed = 0; seed < 200; seed++) {
      const problem = problemAt(1000 + seed, 'series-parallel');
      const everything = problem.graph.nodes.map(({ id }) => id);
      const ends = [cutOf(problem.graph, []), cutOf(problem.graph, everything)];
      const best = bestOf(problem, thinPlans(problem, [...ends, ...singleTensorCuts(problem.graph)]), form);
      const result = await planBy(planner, problem);
      if (best !== null) expect(result.kind).toBe('plan');
      if (result.kind !== 'plan') continue;
      const report = evaluate(problem, result.plan);
      expect(keepsOverlap(reportedTimes(report, pair))).toBe(true);
      expect(report.accuracyLoss).toBeLessThanOrEqual(0.005);
      const ours = scoreOf(problem, result.plan, form)[0] ?? Number.NaN;
      if (best !== null) expect(ours).toBeLessThanOrEqual((best[0] ?? 0) * (1 + 1e-9));
      if (result.plan.transfers.filter(({ to }) => to === 'd1').length > 1) wide++;
    }
    expect(wide).toBeGreaterThan(5);
  });

  it('cuts where it would without exits, and lets requests leave there by the centres that are known', async () => {
    let exits = 0;
    for (let seed = 0; seed < 40; seed++) {
      const base = problemAt(seed, 'chain');
      const problem = { ...base, exits: centresEverywhere(base) };
      const plain = await planBy(planner, base);
      const result = await planBy(planner, problem);
      if (plain.kind !== 'plan' || result.kind !== 'plan') continue;
      expect(result.plan.stages).toEqual(plain.plan.stages);
      expect(evaluate(problem, result.plan).violations).toEqual([]);
      const points = result.plan.policies?.exits?.points ?? [];
      const crossing = result.plan.transfers.filter(({ to }) => to === 'd1').map(({ tensor }) => tensor);
      if (points.length > 0) expect(points.map(({ tensor }) => tensor)).toEqual(crossing);
      exits += points.length;
    }
    expect(exits).toBeGreaterThan(3);
  });

  it('codes nothing of which nothing was calibrated, and says of how many cuts that is', async () => {
    let [coded, told] = [0, 0];
    for (let seed = 0; seed < 40; seed++) {
      const base = problemAt(seed, 'chain');
      const rows = (base.accuracy?.rows ?? []).filter(({ tensor }) => tensor % 2 === 0);
      const problem: Problem = { ...base, accuracy: { rows, others: 'raw' } };
      const result = await planBy(planner, problem);
      if (result.kind !== 'plan') continue;
      const { plan } = result;
      const sent = plan.transfers.filter(({ codec }) => codec.kind === 'affine');
      expect(sent.filter(({ tensor }) => tensor % 2 === 1)).toEqual([]);
      coded += sent.length;
      if (/of \d+ cuts nothing was calibrated/.test(plan.why.sentence)) told++;
      const transfers = plan.transfers.map((transfer) =>
        transfer.tensor % 2 === 1 && transfer.to === 'd1'
          ? { ...transfer, codec: { kind: 'affine', bits: 8, perChannel: false } as const }
          : transfer,
      );
      const spoilt = transfers.filter(({ codec }) => codec.kind === 'affine').length > sent.length;
      const { violations } = evaluate(problem, { ...plan, transfers });
      expect(violations.some((sentence) => sentence.startsWith('Nothing was calibrated of'))).toBe(spoilt);
    }
    expect(coded).toBeGreaterThan(3);
    expect(told).toBeGreaterThan(20);
  });

  it('lets requests choose their bits as they were calibrated to, the plan naming the most of them', async () => {
    let chosen = 0;
    for (let seed = 0; seed < 60; seed++) {
      const base = problemAt(seed, 'chain');
      const needed = [
        { bits: 2, share: 0.25 },
        { bits: 6, share: 0.75 },
      ] as const;
      const rows = base.graph.tensors.flatMap(({ id: tensor }) =>
        [false, true].map((afterExits) => ({ tensor, afterExits, bits: needed, loss: 0.001 })),
      );
      const accuracy = { rows: base.accuracy?.rows ?? [], chosen: rows };
      const exits = seed % 2 === 0 ? { exits: centresEverywhere(base) } : {};
      const problem: Problem = { ...base, ...exits, accuracy };
      const plain = await planBy(planner, base);
      const result = await planBy(planner, problem);
      if (plain.kind !== 'plan' || result.kind !== 'plan') continue;
      const { plan } = result;
      expect(plan.stages).toEqual(plain.plan.stages);
      expect(validatePlan(problem, plan)).toEqual([]);
      const { precision } = plan.policies ?? {};
      if (precision === undefined) continue;
      chosen++;
      const report = evaluate(problem, plan);
      expect(report.violations).toEqual([]);
      expect(report.accuracyLoss).toBeCloseTo(0.001, 12);
      const [covered] = precision.transfers;
      const codec = plan.transfers.find(
        ({ tensor, to }) => tensor === covered?.tensor && to === covered.to,
      )?.codec;
      expect(codec).toMatchObject({ kind: 'affine', bits: precision.bits.at(-1)?.bits });
      expect(precision.bits[0]?.bits).toBe(2);
      expect(precision.bits.at(-1)?.bits).toBeGreaterThanOrEqual(6);
      const unadapted = evaluate(problem, { ...plan, policies: {} });
      expect(report.bytesSent).toBeLessThanOrEqual(unadapted.bytesSent + 1e-9);
    }
    expect(chosen).toBeGreaterThan(5);
  });

  it('says why no request leaves where that would cost too many answers', async () => {
    let told = 0;
    for (let seed = 0; seed < 40; seed++) {
      const base = problemAt(seed, 'chain');
      const table = centresEverywhere(base);
      const settings = table.settings.map((setting) => ({ ...setting, accuracyLoss: 0.1 }));
      const constraints = { ...base.constraints, accuracyLoss: 0.005 };
      const result = await planBy(planner, { ...base, constraints, exits: { ...table, settings } });
      if (result.kind !== 'plan') continue;
      expect(result.plan.policies ?? {}).toEqual({});
      if (/No request leaves by the centres of the cut: Codecs and exits/.test(result.plan.why.sentence))
        told++;
    }
    expect(told).toBeGreaterThan(3);
  });

  it('sends raw where no code is allowed to lose anything', async () => {
    const base = problemAt(5, 'chain');
    const problem = { ...base, constraints: { ...base.constraints, accuracyLoss: 0 } };
    const result = await planBy(planner, problem);
    const codecs = result.kind === 'plan' ? result.plan.transfers.map(({ codec }) => codec.kind) : [];
    expect(new Set(codecs)).toEqual(new Set(['raw']));
  });
});

describe('coachScore', () => {
  const alone = { parallelTransfer: 0, parallelSecond: 0, latency: 0, bytes: 0 };
  it.each([
    { times: [1, 4, 1], sum: 4, longest: 4 },
    { times: [2, 3, 2], sum: 3, longest: 3 },
    { times: [2, 2, 2], sum: 2, longest: 2 },
    { times: [3, 1, 3], sum: 5, longest: 3 },
  ])('of Te, Tt, Tc = $times', ({ times: [first = 0, transfer = 0, second = 0], sum, longest }) => {
    const times = { first, transfer, second, ...alone };
    expect(coachScore('sum', times)[0]).toBe(sum);
    expect(coachScore('in-turn', times)[0]).toBe(longest);
  });

  it('counts what overlaps (the example of figure 4)', () => {
    const times = { first: 5, transfer: 4, second: 2, parallelTransfer: 2, parallelSecond: 1 };
    expect(coachScore('sum', { ...times, latency: 8, bytes: 0 })).toEqual([5 + 3 + 1, 8, 0]);
    expect(keepsOverlap({ ...times, latency: 8, bytes: 0 })).toBe(true);
  });
});
