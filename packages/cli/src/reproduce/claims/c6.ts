import {
  coinferFleet,
  createEvaluator,
  createRandom,
  graphOf,
  type Objective,
  type Problem,
  planners,
  RefusedError,
  zooModel,
} from '@tandem/core';
import type { SeriesPanel } from '../../chart/series-chart.ts';
import { type Claim, defineClaim, exactly, type Figure, type ReproduceContext } from '../claim.ts';
import { papers } from '../papers.ts';

const where = 'published program, sweep of α and β';

/** α and β are 0.1, 0.2 … 2.0. */
const steps = 20;
const step = 0.1;

/** One board of each type; together they hold its parameters so many times. */
const room = 1.6;

const unjudged = (unit: string): Figure => ({ unit, paper: null, tolerance: exactly, where });

export const c6: Claim = defineClaim({
  claim:
    'The weights α and β trade time for energy: over 0.1 to 2.0 in steps of 0.1, more α for β never takes more time, nor less energy.',
  paper: papers.coinfer,
  standIn: `Tandem’s planner coinfer on ViT-B/16 and five boards, one of each type of the fleet that stands in for COINFER’s (rates in the order of magnitude of Raspberry Pi 3B and 4B, Jetson Nano, TX2 and Xavier NX), which together hold its parameters ${room} times and 64 MB more each; latency and energy as the cost model has them.`,
  figures: {
    'steps of α / β with which time rises': { unit: 'steps', paper: 0, tolerance: exactly, where },
    'steps of α / β with which energy falls': { unit: 'steps', paper: 0, tolerance: exactly, where },
    'greatest fall of energy at a step': unjudged('%'),
    runs: unjudged('pairs of α and β'),
    'different α / β': unjudged('ratios'),
    'different plans': unjudged('plans'),
    'time at α = 0.1, β = 2': unjudged('s'),
    'time at α = β': unjudged('s'),
    'time at α = 2, β = 0.1': unjudged('s'),
    'energy at α = 0.1, β = 2': unjudged('J'),
    'energy at α = β': unjudged('J'),
    'energy at α = 2, β = 0.1': unjudged('J'),
  },
  remarks: [
    'A plan depends on α / β alone, so pairs with the same ratio are planned once, and between neighbouring ratios lies a step.',
    'That the two surfaces are monotone is a law of exact minimisers. A step at which time rises or energy falls would be noise of our heuristic search, which missed a better placement or clock on one side of it, and say nothing against the paper’s claim; the verdict counts it all the same.',
    'The paper prints no values of the surfaces.',
  ],
  run: async (context) => {
    const rows = await sweep(context);
    const [first, last] = [rows[0], rows.at(-1)];
    const even = rows.find(({ alpha, beta }) => alpha === beta);
    const broken = (rises: (before: Row, after: Row) => boolean): number =>
      rows.slice(1).filter((row, at) => rises(rows[at] ?? row, row)).length;
    return {
      'steps of α / β with which time rises': broken((before, after) => above(after.seconds, before.seconds)),
      'steps of α / β with which energy falls': broken((before, after) => above(before.joules, after.joules)),
      'greatest fall of energy at a step':
        100 *
        Math.max(0, ...rows.slice(1).map((row, at) => 1 - row.joules / (rows[at]?.joules ?? row.joules))),
      runs: steps ** 2,
      'different α / β': rows.length,
      'different plans': new Set(rows.map(({ seconds, joules }) => `${seconds} ${joules}`)).size,
      'time at α = 0.1, β = 2': first?.seconds ?? 0,
      'time at α = β': even?.seconds ?? 0,
      'time at α = 2, β = 0.1': last?.seconds ?? 0,
      'energy at α = 0.1, β = 2': first?.joules ?? 0,
      'energy at α = β': even?.joules ?? 0,
      'energy at α = 2, β = 0.1': last?.joules ?? 0,
    };
  },
  chart: async (context) => {
    const rows = await sweep(context);
    const panel = (title: string, label: string, value: (row: Row) => number): SeriesPanel => ({
      title,
      x: { label: 'α / β', isLogarithmic: true },
      y: { label, isLogarithmic: false },
      series: [{ label: 'coinfer', points: rows.map((row) => [row.alpha / row.beta, value(row)] as const) }],
    });
    const panels = [
      panel('Time of a request', 's', ({ seconds }) => seconds),
      panel('Energy of a request', 'J', ({ joules }) => joules),
    ];
    return { kind: 'series', panels };
  },
});

/** By ascending α / β. */
async function sweep(context: ReproduceContext): Promise<readonly Row[]> {
  const problem = coinferFleet(graphOf(zooModel('vit-b-16', { batch: 1 })), 1, room, 1);
  const rows: Row[] = [];
  for (const { alpha, beta } of ratios()) rows.push(await planned(problem, alpha, beta, context));
  return rows;
}

interface Row {
  readonly alpha: number;
  readonly beta: number;
  readonly seconds: number;
  readonly joules: number;
}

/** Sums in another order differ in their last digits. */
const above = (left: number, right: number): boolean => left > right * (1 + 1e-9);

/** One pair for each ratio, by ascending α / β. */
function ratios(): { alpha: number; beta: number }[] {
  const found = new Map<number, { alpha: number; beta: number }>();
  for (let alpha = 1; alpha <= steps; alpha++)
    for (let beta = 1; beta <= steps; beta++)
      if (!found.has(alpha / beta)) found.set(alpha / beta, { alpha: alpha * step, beta: beta * step });
  return [...found].sort(([left], [right]) => left - right).map(([, pair]) => pair);
}

async function planned(
  problem: Problem,
  alpha: number,
  beta: number,
  context: ReproduceContext,
): Promise<Row> {
  const weighted: Problem = { ...problem, objective: withWeights(problem.objective, alpha, beta) };
  const evaluator = createEvaluator(weighted);
  const { clock, signal } = context;
  const options = { problemDigest: '', evaluator, random: createRandom(1), clock, signal };
  const result = await planners.coinfer.plan(weighted, options);
  if (result.kind === 'infeasible') throw new RefusedError(result.reason, 'Give the boards more room.');
  const { latencySeconds, energyJoules } = evaluator.evaluate(result.plan);
  return { alpha, beta, seconds: latencySeconds, joules: energyJoules ?? Number.NaN };
}

function withWeights(objective: Objective, alpha: number, beta: number): Objective {
  if (objective.kind !== 'weighted') return objective;
  return {
    kind: 'weighted',
    terms: objective.terms.map((term) => ({
      ...term,
      weight: term.figure === 'energyJoules' ? beta : alpha,
    })),
  };
}
