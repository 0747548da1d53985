import {
  type Cluster,
  createEvaluator,
  type Graph,
  graphOf,
  type Plan,
  parseCluster,
  planOf,
  prefixCuts,
  problemOf,
  singleTensorCuts,
  TwoStageObjective,
  zooModel,
} from '@tandem/core';
import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { median, timed } from '../paired.ts';

/** Evaluations a second that searches are to be able to count on. */
const floors = { scalar: 20e6, report: 1e6, manyDevices: 20e3 };
const rounds = 7;
const secondsARound = 0.25;

/** Something that prices `count` plans, cycling through what it was given. */
interface Subject {
  readonly name: string;
  readonly floor: number;
  readonly run: (count: number) => number;
}

export const evaluate: Bench = {
  title: 'How many plans a second the cost model prices, against the rates that searches are to count on.',
  run: async (context: BenchContext): Promise<BenchResult> => {
    const rows: BenchRow[] = [];
    for (const make of [scalarSubject, reportSubject, manyDevicesSubject]) {
      const { name, floor, run } = make();
      if (!name.includes(context.only)) continue;
      context.progress(name);
      const rate = await rateOf(run, context.signal);
      const ratioTo = `at least ${floor.toLocaleString('en')}/s`;
      rows.push({ case: name, value: rate, unit: 'plans/s', ratioTo, ratio: rate / floor });
    }
    return { rows, remarks };
  },
};

const remarks = [
  `Medians of ${rounds} rounds of about ${secondsARound} s each, after one that is not counted. One thread; tables are built before.`,
  'Scalar: the objective (latency) of a cut by its position, every position of ResNet-101 in turn, on the example of two devices.',
  'Report: `evaluate` of the same plans, validated nowhere, with memory by liveness, energy, bubbles and violations.',
  'Many devices: `evaluate` of ViT-H/14 in 34 stages on 20 devices, memory included; 64 random placements in turn.',
];

/** Plans a second; the checksum keeps the work from being optimised away. */
async function rateOf(run: Subject['run'], signal: AbortSignal): Promise<number> {
  let count = 1;
  let checksum = 0;
  for (;;) {
    const spent = await timed(() => (checksum += run(count)));
    if (spent >= secondsARound / 4) {
      count = Math.max(1, Math.round((count * secondsARound) / spent));
      break;
    }
    count *= 4;
  }
  const rates: number[] = [];
  for (let round = -1; round < rounds; round++) {
    signal.throwIfAborted();
    const spent = await timed(() => (checksum += run(count)));
    if (round >= 0) rates.push(count / spent);
  }
  if (Number.isNaN(checksum)) throw new Error('a plan has no price');
  return median(rates);
}

function scalarSubject(): Subject {
  const graph = graphOf(zooModel('resnet-101', { batch: 1 }));
  const problem = problemOf(graph, devices(2));
  const objective = new TwoStageObjective(problem, prefixCuts(graph), { first: 'd0', second: 'd1' });
  return {
    name: 'scalar objective, ResNet-101, two stages',
    floor: floors.scalar,
    run: (count) => {
      let sum = 0;
      for (let index = 0, cut = 0; index < count; index++) {
        sum += objective.value(cut);
        cut = cut + 1 === objective.count ? 0 : cut + 1;
      }
      return sum;
    },
  };
}

function reportSubject(): Subject {
  const graph = graphOf(zooModel('resnet-101', { batch: 1 }));
  const problem = problemOf(graph, devices(2));
  const plans = prefixCuts(graph).map(({ nodes }) =>
    planOf(
      problem,
      '',
      [
        { device: 'd0', nodes },
        { device: 'd1', nodes: behind(graph, nodes) },
      ],
      'bench',
    ),
  );
  return { name: 'full report, ResNet-101, two stages', floor: floors.report, run: pricing(problem, plans) };
}

/** One stage between neighbours of the cuts that one tensor crosses and that end a block. */
function manyDevicesSubject(): Subject {
  const graph = graphOf(zooModel('vit-h-14', { batch: 1 }));
  const problem = problemOf(graph, devices(20));
  const cuts = singleTensorCuts(graph);
  const ends = Array.from({ length: 33 }, (_, index) => Math.floor(((index + 1) * cuts.length) / 34));
  const borders = [0, ...ends.map((end) => cuts[end]?.nodes.length ?? 0), graph.nodes.length];
  const placed = (seed: number): Plan =>
    planOf(
      problem,
      '',
      borders.slice(1).map((end, index) => {
        const nodes = graph.nodes.slice(borders[index], end).map(({ id }) => id);
        return { device: `d${(index * 7 + seed * (1 + (index % 5))) % 20}`, nodes };
      }),
      'bench',
    );
  const plans = Array.from({ length: 64 }, (_, seed) => placed(seed));
  return {
    name: 'full report, ViT-H/14, 20 devices',
    floor: floors.manyDevices,
    run: pricing(problem, plans),
  };
}

function pricing(problem: Parameters<typeof createEvaluator>[0], plans: readonly Plan[]): Subject['run'] {
  const evaluator = createEvaluator(problem);
  return (count) => {
    let sum = 0;
    for (let index = 0; index < count; index++) {
      const plan = plans[index % plans.length];
      if (plan !== undefined) sum += evaluator.evaluate(plan).latencySeconds;
    }
    return sum;
  };
}

const behind = (graph: Graph, nodes: readonly number[]): number[] => {
  const before = new Set(nodes);
  return graph.nodes.map(({ id }) => id).filter((id) => !before.has(id));
};

/** Devices d0, d1 … of unequal speed, each linked with each. */
function devices(count: number): Cluster {
  const ids = Array.from({ length: count }, (_, index) => `d${index}`);
  return parseCluster({
    hosts: ids.map((id) => ({ id, memoryGigabytes: 8 })),
    devices: ids.map((id, index) => ({
      id,
      host: id,
      kind: 'cpu',
      gigaflopsPerSecond: 8 + index * 8,
      memoryGigabytesPerSecond: 3 + index,
    })),
    links: ids.flatMap((from) =>
      ids
        .filter((to) => to !== from)
        .map((to) => ({ from, to, megabitsPerSecond: 100, roundTripMilliseconds: 2 })),
    ),
  });
}
