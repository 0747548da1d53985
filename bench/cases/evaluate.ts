import {
  type Cluster,
  createEvaluator,
  type Graph,
  graphOf,
  type Plan,
  type Problem,
  parseCluster,
  planOf,
  prefixCuts,
  problemOf,
  singleTensorCuts,
  TwoStageObjective,
  watts,
  zooModel,
} from '@tandem/core';
import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { median, timed } from '../paired.ts';

/** Evaluations a second that searches are to be able to count on. */
const floors = { scalar: 20e6, report: 1e6, fresh: 5e3, manyDevices: 20e3 };
const rounds = 21;
const secondsARound = 0.1;
const sets = 12;

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
    const spread: string[] = [];
    for (const make of [scalarSubject, reportSubject, freshSubject, manyDevicesSubject]) {
      const { name, floor, run } = make();
      if (!name.includes(context.only)) continue;
      context.progress(name);
      const medians = await mediansOf(run, context.signal);
      const rate = Math.max(...medians);
      const ratioTo = `at least ${floor.toLocaleString('en')}/s`;
      rows.push({ case: name, value: rate, unit: 'plans/s', ratioTo, ratio: rate / floor });
      spread.push(`${name}: ${(Math.min(...medians) / floor).toFixed(3)} to ${(rate / floor).toFixed(3)}`);
    }
    return { rows, remarks: [...remarks, `Ratios by set: ${spread.join('; ')}.`] };
  },
};

const remarks = [
  `The highest of ${sets} medians of ${rounds} rounds of about ${secondsARound} s each, after a round that is not counted: neighbours on a ` +
    'shared host slow whole seconds down, to six tenths here. One thread; tables are built before.',
  'Scalar: the objective (latency) of a cut by its position, every position of ResNet-101 in turn, on the example of two devices.',
  'Report: all of what `evaluate` says (times, memory, energy, bubbles, overlap, violations) of every cut of ResNet-101 by ' +
    'position, with either device first, in turn. What a set of nodes takes and needs as a stage is known before the first round, as ' +
    'in a search; nothing is kept of a whole plan. Plans are not validated: planners make valid ones, files are checked when they are read.',
  'Report, stages first seen: the same plans by an evaluator that has seen no plan before.',
  'Many devices: the same of ViT-H/14 in 34 stages on 20 devices; 64 random placements in turn.',
];

/** Plans a second, by set of rounds. */
async function mediansOf(run: Subject['run'], signal: AbortSignal): Promise<readonly number[]> {
  const medians: number[] = [];
  for (let set = 0; set < sets; set++) medians.push(median(await ratesOf(run, signal)));
  return medians;
}

/** Plans a second, by round; the checksum keeps the work from being optimised away. */
async function ratesOf(run: Subject['run'], signal: AbortSignal): Promise<readonly number[]> {
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
  return rates;
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
  const { problem, plans } = twoStagePlans();
  return {
    name: 'full report, ResNet-101, two stages',
    floor: floors.report,
    run: pricing(problem, plans, plans),
  };
}

/** Each pass over the plans begins with a new evaluator. */
function freshSubject(): Subject {
  const { problem, plans } = twoStagePlans();
  return {
    name: 'full report, ResNet-101, two stages, stages first seen',
    floor: floors.fresh,
    run: (count) => {
      let sum = 0;
      for (let done = 0; done < count; done += plans.length)
        sum += pricing(problem, plans, [])(Math.min(plans.length, count - done));
      return sum;
    },
  };
}

/** Every cut by position, with either device first. */
function twoStagePlans(): { readonly problem: Problem; readonly plans: readonly Plan[] } {
  const graph = graphOf(zooModel('resnet-101', { batch: 1 }));
  const problem = problemOf(graph, devices(2));
  // The cluster's own names, as planners give them: others that read alike are compared letter by letter.
  const names = problem.cluster.devices.map(({ id }) => id);
  const orders = [names, names.toReversed()];
  const plans = prefixCuts(graph).flatMap(({ nodes }) =>
    orders.map(([first = '', second = '']) => {
      const stages = [
        { device: first, nodes },
        { device: second, nodes: behind(graph, nodes) },
      ];
      return planOf(problem, '', stages, 'bench');
    }),
  );
  return { problem, plans };
}

/** One stage between neighbours of the cuts that one tensor crosses and that end a block. */
function manyDevicePlans(): { readonly problem: Problem; readonly plans: readonly Plan[] } {
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
  return { problem, plans };
}

function manyDevicesSubject(): Subject {
  const { problem, plans } = manyDevicePlans();
  return {
    name: 'full report, ViT-H/14, 20 devices',
    floor: floors.manyDevices,
    run: pricing(problem, plans, plans),
  };
}

/** `seen` are priced before, so that their stages are known. */
function pricing(problem: Problem, plans: readonly Plan[], seen: readonly Plan[]): Subject['run'] {
  const evaluator = createEvaluator(problem);
  for (const plan of seen) evaluator.evaluate(plan);
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

/** Devices d0, d1 … of unequal speed that draw power, each linked with each by radio. */
function devices(count: number): Cluster {
  const ids = Array.from({ length: count }, (_, index) => `d${index}`);
  const document = {
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
  };
  // As read from a file: what the parser of JSON makes of equal names is one string, told apart from others at a glance.
  const cluster = parseCluster(JSON.parse(JSON.stringify(document)));
  const power = {
    kind: 'law',
    staticWatts: watts(1),
    idleWatts: watts(2),
    dynamicWattsAtMaximum: watts(4),
    exponent: 3,
  } as const;
  return {
    ...cluster,
    devices: cluster.devices.map((device) => ({ ...device, power })),
    links: cluster.links.map((link) => ({ ...link, transmitWatts: watts(1), receiveWatts: watts(0.5) })),
  };
}
