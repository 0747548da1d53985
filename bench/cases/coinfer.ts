import {
  coinferFleet,
  createEvaluator,
  createRandom,
  graphOf,
  objectiveValue,
  type PlannerName,
  type Problem,
  planners,
  seconds,
  zooModel,
} from '@tandem/core';
import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { median } from '../paired.ts';

const seeds = 30;

/** Together the devices hold the network so many times: some must do without the fastest. */
const room = 1.6;

/** Draws of the randomness of each planner, of which the best counts as the best known. */
const draws = 3;

const names = ['coinfer', 'coinfer-tpe'] as const satisfies readonly PlannerName[];

interface Answer {
  readonly name: PlannerName;
  readonly seconds: number;
  /** +∞ = no plan, or one that breaks a constraint. */
  readonly value: number;
}

export const coinfer: Bench = {
  title: `ViT-H/14 in 36 segments on 20 devices where memory binds: COINFER with our outer loop and with the paper's, ${seeds} fleets.`,
  run: async (context: BenchContext): Promise<BenchResult> => {
    const graph = graphOf(zooModel('vit-h-14', { batch: 1 }));
    const first: Answer[][] = [];
    const over: Record<string, number[]> = {};
    for (let seed = 0; seed < seeds; seed++) {
      const name = `fleet ${seed}`;
      if (!name.includes(context.only)) continue;
      context.progress(name);
      const problem = coinferFleet(graph, seed, room);
      const answers: Answer[] = [];
      for (let draw = 0; draw < draws; draw++)
        for (const planner of names) answers.push(await answerOf(problem, planner, draw, context.signal));
      const best = Math.min(...answers.map(({ value }) => value));
      const own = answers.slice(0, names.length);
      first.push(own);
      for (const { name: planner, value } of own) (over[planner] ??= []).push(value / best - 1);
    }
    return { rows: names.flatMap((name) => rowsOf(name, first, over[name] ?? [])), remarks };
  },
};

const remarks = [
  `Each planner is asked with ${draws} seeds; the best of all answers to a fleet is the best known, which is no bound. Figures are of the first seed.`,
  'Devices: five types of boards, four of each, rates in the order of magnitude of Raspberry Pi 3B and 4B, Jetson Nano, TX2 and Xavier NX, each up to a tenth off; clocks from half to all of the highest in tenths; wireless links from 20 to 200 Mbit/s. Assumed, because the paper does not state its own.',
  'One thread, no warm-up: the first fleet pays for compiling.',
];

async function answerOf(
  problem: Problem,
  name: PlannerName,
  draw: number,
  signal: AbortSignal,
): Promise<Answer> {
  const evaluator = createEvaluator(problem);
  const begin = performance.now();
  const result = await planners[name].plan(problem, {
    problemDigest: '',
    evaluator,
    random: createRandom(draw),
    clock: {
      now: () => seconds(performance.now() / 1000),
      sleep: () => new Promise((resolve) => setImmediate(resolve)),
    },
    signal,
  });
  const spent = (performance.now() - begin) / 1000;
  if (result.kind !== 'plan') return { name, seconds: spent, value: Number.POSITIVE_INFINITY };
  const report = evaluator.evaluate(result.plan);
  const value =
    report.violations.length > 0 ? Number.POSITIVE_INFINITY : objectiveValue(problem.objective, report);
  return { name, seconds: spent, value };
}

function rowsOf(
  name: PlannerName,
  first: readonly (readonly Answer[])[],
  over: readonly number[],
): BenchRow[] {
  const own = first.flatMap((answers) => answers.filter((answer) => answer.name === name));
  if (own.length === 0) return [];
  const infeasible = own.filter(({ value }) => value === Number.POSITIVE_INFINITY).length;
  const near = over.filter((share) => share <= 0.01).length;
  return [
    { case: `${name}: planning, median`, value: median(own.map((answer) => answer.seconds)), unit: 's' },
    { case: `${name}: over the best known, median`, value: 100 * median([...over]), unit: '%' },
    { case: `${name}: within 1 % of the best known`, value: (100 * near) / over.length, unit: '% of fleets' },
    { case: `${name}: no feasible plan`, value: infeasible, unit: 'fleets' },
  ];
}
