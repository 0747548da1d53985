import { createRandom, type Graph, graphOf, type Problem, problemOf, zooModel } from '@tandem/core';
import type { Bench, BenchColumn, BenchContext, BenchResult, BenchRow, BenchTable } from '../bench.ts';
import { type KeptResults, openKept } from '../kept-results.ts';
import { type Answer, answersTo } from '../planners/answers.ts';
import { randomFleet } from '../planners/fleets.ts';
import { type Score, scoresOf } from '../planners/scores.ts';

const networks = [
  'mobilenet-v2',
  'resnet-50',
  'resnet-101',
  'vgg16',
  'vit-b-16',
  'googlenet',
  'inception-v3',
] as const;
const objectives = ['latency', 'period'] as const;
const fleets = 200;

/** The whole of core counts, but for what only executes. */
const sources = ['cluster', 'cost', 'graph', 'plan', 'planner', 'profile', 'search', 'zoo']
  .map((folder) => `packages/core/src/${folder}`)
  .concat('bench/planners');

export const planners: Bench = {
  title: `Every planner on ${fleets} seeded fleets, each running one of ${networks.length} networks, against the best plan that any of them finds.`,
  run: async (context: BenchContext): Promise<BenchResult> => {
    const kept = openKept<Answer[]>({ name: 'planners', sources, fresh: context.fresh });
    const graphs = new Map(networks.map((name) => [name, graphOf(zooModel(name, { batch: 1 }))] as const));
    const parts: Part[] = [];
    for (const objective of objectives)
      parts.push({ objective, ...(await sweep(objective, graphs, kept, context)) });
    return {
      rows: parts.flatMap(({ objective, scores }) => scores.flatMap((score) => rowsOf(objective, score))),
      tables: parts.map(tableOf),
      remarks: remarksOf(parts),
    };
  },
};

interface Part {
  readonly objective: (typeof objectives)[number];
  readonly scores: readonly Score[];
  readonly problems: number;
  /** Of which memory was cut. */
  readonly tight: number;
  /** For which no planner has a plan. */
  readonly unsolved: number;
}

async function sweep(
  objective: Part['objective'],
  graphs: ReadonlyMap<(typeof networks)[number], Graph>,
  kept: KeptResults<Answer[]>,
  context: BenchContext,
): Promise<Omit<Part, 'objective'>> {
  const answers: Answer[][] = [];
  let tight = 0;
  let said = Date.now();
  for (let fleet = 0; fleet < fleets; fleet++) {
    context.signal.throwIfAborted();
    const network = networks[fleet % networks.length] ?? networks[0];
    const graph = graphs.get(network);
    const key = `${objective} ${network} fleet ${fleet}`;
    if (graph === undefined || !key.includes(context.only)) continue;
    const { cluster, isTight } = randomFleet(createRandom(fleet), graph);
    if (isTight) tight++;
    const problem = problemOf(graph, cluster, { objective: { kind: objective } });
    answers.push(await answered(key, problem, fleet, kept, context.signal));
    if (Date.now() - said < 2000) continue;
    context.progress(key);
    said = Date.now();
  }
  const isUnsolved = (row: readonly Answer[]): boolean => row.every(({ kind }) => kind !== 'feasible');
  const unsolved = answers.filter(isUnsolved).length;
  return { scores: scoresOf(answers), problems: answers.length, tight, unsolved };
}

async function answered(
  key: string,
  problem: Problem,
  seed: number,
  kept: KeptResults<Answer[]>,
  signal: AbortSignal,
): Promise<Answer[]> {
  const known = kept.find(key);
  if (known !== undefined) return known;
  const answers = await answersTo(problem, seed, signal);
  kept.add(key, answers);
  return answers;
}

function rowsOf(objective: string, score: Score): BenchRow[] {
  const figures: readonly (readonly [string, number | null | undefined, string])[] = [
    ['treated', score.asked, 'problems'],
    ['no plan though there is one', percent(score.withoutPlan), '%'],
    ['plan violates', percent(score.violating), '%'],
    ['as good as the best', percent(score.atBest), '%'],
    ['over the best, median', percent(score.gap?.median), '%'],
    ['over the best, 90 %', percent(score.gap?.ninth), '%'],
    ['over the best, worst', percent(score.gap?.worst), '%'],
    ['over its proven bound, median', percent(score.provenGap?.median), '%'],
    ['over its proven bound, 90 %', percent(score.provenGap?.ninth), '%'],
    ['over its proven bound, worst', percent(score.provenGap?.worst), '%'],
    ['over its bound of the chain, median', percent(score.chainGap?.median), '%'],
    ['over its bound of the chain, 90 %', percent(score.chainGap?.ninth), '%'],
    ['over its bound of the chain, worst', percent(score.chainGap?.worst), '%'],
    ['planning, median', score.milliseconds?.median, 'ms'],
    ['planning, worst', score.milliseconds?.worst, 'ms'],
    ['longest without a yield, 90 %', score.pause?.ninth, 'ms'],
  ];
  return figures.flatMap(([what, value, unit]) =>
    value === null || value === undefined
      ? []
      : [{ case: `${objective}: ${score.name}, ${what}`, value, unit }],
  );
}

const columns: readonly BenchColumn[] = [
  { title: 'planner', align: 'left' },
  ...[
    'treats',
    'no plan %',
    'violates %',
    'at best %',
    'over best, median %',
    '90 %',
    'worst %',
    'over proven, median %',
    '90 %',
    'in chain, median %',
    '90 %',
    'ms, median',
    'ms, worst',
    'pause, 90 %',
  ].map((title): BenchColumn => ({ title, align: 'right' })),
];

function tableOf({ objective, scores, problems }: Part): BenchTable {
  return {
    title: `${objective}, ${problems} problems`,
    columns,
    cells: scores.map((score) => [
      score.name,
      String(score.asked),
      percentText(score.withoutPlan),
      percentText(score.violating),
      percentText(score.atBest),
      percentText(score.gap?.median),
      percentText(score.gap?.ninth),
      percentText(score.gap?.worst),
      percentText(score.provenGap?.median),
      percentText(score.provenGap?.ninth),
      percentText(score.chainGap?.median),
      percentText(score.chainGap?.ninth),
      score.milliseconds?.median.toFixed(1) ?? '–',
      score.milliseconds?.worst.toFixed(0) ?? '–',
      score.pause?.ninth.toFixed(1) ?? '–',
    ]),
  };
}

const percent = (share: number | null | undefined): number | null | undefined =>
  typeof share === 'number' ? 100 * share : share;

function percentText(share: number | null | undefined): string {
  if (share === null || share === undefined) return '–';
  return (100 * share).toFixed(share < 10 ? 1 : 0);
}

function remarksOf(parts: readonly Part[]): string[] {
  const [first] = parts;
  return [
    `A fleet has 2 to 8 devices, no two alike, drawn from those of the catalogue whose rates and memory are known; the request enters and is answered at the first. Links: all pairs, one rate both ways, log-uniform from 5 to 1000 Mbit/s, round trip log-uniform from 0.5 to 20 ms. In ${first?.tight ?? 0} of the ${first?.problems ?? 0} fleets each device's memory is cut to 0.3 to 1.3 times what the whole network takes there. Times are roofline.`,
    `Fleet n has seed n and runs network n mod ${networks.length} of: ${networks.join(', ')}. Nobody has a plan for ${parts.map(({ objective, unsolved }) => `${unsolved} (${objective})`).join(' and ')}; these count for planning times only.`,
    'treats: problems that the planner supports. no plan: of those with a plan by anybody, the planner has none, or one that is refused. violates: the plan is invalid or breaks a constraint. at best and over best: against the best plan of all planners of this page, which is no bound: a planner that is added may raise everybody. over proven: against what the planner itself proves for its family of plans, which for `auto` is all placements of nodes on devices; in chain: against what it proves for placements that run each element of the network (a stretch between two tensors that are alone live) on one device, again after others too. Target: 5 % at the median.',
    "Each planner minimises the objective by its own lights: published ones keep their paper's cost, and some can place two stages only. Planning is one thread, once a problem, no warm-up. pause: on nine of ten problems the planner never went longer than so many ms between giving way to others, turns of other planners that it asks included; it promises 10.",
  ];
}
