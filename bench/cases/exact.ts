import {
  assignChain,
  bitsPerSecond,
  type ChainProblem,
  type Cluster,
  costTables,
  createRandom,
  exampleCluster,
  type FlowNetwork,
  graphOf,
  maximumFlow,
  PartitionNetwork,
  type Problem,
  problemOf,
  type Random,
  runSearch,
  zooModel,
} from '@tandem/core';
import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { type NetworkxTimes, networkxMinCut } from '../exact/networkx.ts';
import { median } from '../paired.ts';

const rounds = 15;
/** Until the compiler has seen enough. */
const warmUps = 50;
/** Mbit/s: from where nothing leaves the device to where everything does. */
const rates = [1, 5, 20, 100] as const;
const target = { timesFaster: 50, threeKinds: 0.02, allDifferent: 0.1 };
/** What a cut counts: Σ compute on the device + Σ transfers + Σ compute on the server. */
const weights = { first: 1, second: 1 };

export const exact: Bench = {
  title:
    'Exact searches: the minimum cut of ResNet-101 against networkx, and a chain of 273 units on 8 devices.',
  run: async (context: BenchContext): Promise<BenchResult> => {
    const cut = await minimumCut(context);
    context.progress('chain of 273 units');
    const kinds: readonly (readonly [string, readonly number[], number])[] = [
      ['three types of devices', [3, 3, 2], target.threeKinds],
      ['all devices different', [1, 1, 1, 1, 1, 1, 1, 1], target.allDifferent],
    ];
    const chains = kinds.map(([name, counts, most]) =>
      chainRow(name, chainOf(273, counts, createRandom(1)), most),
    );
    return { rows: [...cut.rows, ...chains], remarks: [...cut.remarks, ...remarks] };
  },
};

const remarks = [
  `Medians of ${rounds} rounds after ${warmUps} that are not counted (of networkx, which is not compiled, none), one thread.`,
  `Minimum cut: DADS under light load, of ResNet-101 between the two devices of the example cluster at four rates. Equal work: both get the same list of arcs as arrays of numbers and build from it, within the time, what they search (ours checks the arcs and sorts them by vertex, networkx makes a DiGraph); ours then finds both extremal cuts, networkx's \`minimum_cut\` one. All find the same value. Target: ${target.timesFaster} times as fast as the fastest of networkx's algorithms. The rows "and the arcs made from the network" start from the network's graph and count the times of its nodes and the list of arcs too, which networkx is given.`,
  'Chain: the greatest throughput of 273 units on 8 devices with handovers that differ by pair of types and memory that limits each, exact (`assignChain`); as large as the largest problem of DNNPipe (JSA 2025). Random times, seed 1.',
];

async function minimumCut(context: BenchContext): Promise<BenchResult> {
  const graph = graphOf(zooModel('resnet-101', { batch: 1 }));
  const rows: BenchRow[] = [];
  let remark = '';
  for (const megabits of rates) {
    const problem = problemOf(graph, clusterAt(megabits));
    const network = networkOf(problem).network(weights);
    const own = ownCut(network);
    context.progress(`networkx at ${megabits} Mbit/s`);
    const theirs = await networkxMinCut(network, rounds, context.signal);
    const name = `minimum cut at ${megabits} Mbit/s`;
    if (typeof theirs === 'string') {
      context.progress(`SKIPPED: ${theirs}`);
      rows.push({ case: name, value: own.seconds, unit: 's' });
      remark = `SKIPPED, networkx: ${theirs}`;
    } else {
      rows.push(...cutRows(name, own, theirs));
      remark = `${network.vertices} vertices, ${network.tails.length} arcs; networkx ${theirs.version}.`;
    }
    rows.push({ case: `${name}, and the arcs made from the network`, value: fromGraph(problem), unit: 's' });
  }
  return { rows, remarks: [remark] };
}

/** The example's two devices, linked at so many Mbit/s. */
function clusterAt(megabits: number): Cluster {
  const cluster = exampleCluster();
  const rate = { kind: 'constant', bitsPerSecond: bitsPerSecond(megabits * 1e6) } as const;
  return { ...cluster, links: cluster.links.map((link) => ({ ...link, rate })) };
}

interface OwnCut {
  readonly value: number;
  readonly seconds: number;
}

/** From the list of arcs, as networkx. */
function ownCut(network: FlowNetwork): OwnCut {
  return { value: maximumFlow(network).value, seconds: medianSeconds(() => maximumFlow(network)) };
}

/** Before it, the times of every node and the arcs. A problem that nobody has seen each time: tables are kept by problem. */
function fromGraph(problem: Problem): number {
  return medianSeconds(() => networkOf({ ...problem }).leastCuts(weights));
}

function medianSeconds(run: () => unknown): number {
  const times: number[] = [];
  for (let round = -warmUps; round < rounds; round++) {
    const start = performance.now();
    run();
    if (round >= 0) times.push((performance.now() - start) / 1000);
  }
  return median(times);
}

const networkOf = (problem: Problem): PartitionNetwork => {
  const [first, second] = problem.cluster.devices;
  return new PartitionNetwork(problem, costTables(problem), {
    first: first?.id ?? '',
    second: second?.id ?? '',
  });
};

function cutRows(name: string, { value, seconds }: OwnCut, theirs: NetworkxTimes): BenchRow[] {
  const others = theirs.algorithms.map((each) => ({ ...each, median: median(each.seconds) }));
  const wrong = others.filter((each) => Math.abs(each.value - value) > 1e-9 * value);
  const fastest = others.reduce((least, each) => (each.median < least.median ? each : least));
  const ratioTo = `networkx, ${fastest.name}, ${(1e3 * fastest.median).toFixed(1)} ms`;
  const difference =
    wrong.length === 0 ? '' : `, ANOTHER VALUE than ${wrong.map((each) => each.name).join(', ')}`;
  return [
    { case: `${name}${difference}`, value: seconds, unit: 's', ratioTo, ratio: seconds / fastest.median },
    {
      case: `${name}: times as fast`,
      value: fastest.median / seconds,
      unit: '×',
      ratioTo: `at least ${target.timesFaster}`,
      ratio: fastest.median / seconds / target.timesFaster,
    },
  ];
}

function chainRow(name: string, problem: ChainProblem, most: number): BenchRow {
  const value = medianSeconds(() => runSearch(assignChain(problem)));
  return {
    case: `chain, 273 units on 8 devices, ${name}`,
    value,
    unit: 's',
    ratioTo: `at most ${most} s`,
    ratio: value / most,
  };
}

function chainOf(units: number, counts: readonly number[], random: Random): ChainProblem {
  const kinds = counts.length;
  const times = counts.map(() => {
    const slowness = 1 + 5 * random.next();
    return prefixSums(Array.from({ length: units }, () => random.next() * slowness));
  });
  const parameters = prefixSums(Array.from({ length: units }, () => random.next()));
  const bytes = Array.from({ length: units }, () => random.next() * 2);
  const slowness = Array.from({ length: kinds ** 2 }, () => 1 + 3 * random.next());
  const rooms = counts.map(() => (units / 8) * (0.7 + random.next()));
  return {
    units,
    counts,
    work: (kind, first, end) => (times[kind]?.[end] ?? 0) - (times[kind]?.[first] ?? 0),
    fits: (kind, first, end) => (parameters[end] ?? 0) - (parameters[first] ?? 0) <= (rooms[kind] ?? 0),
    handover: (position, from, to) => (bytes[position] ?? 0) * (slowness[from * kinds + to] ?? 1),
    entering: () => 0,
    leaving: () => 0,
  };
}

function prefixSums(values: readonly number[]): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (const [at, value] of values.entries()) sums[at + 1] = (sums[at] ?? 0) + value;
  return sums;
}
