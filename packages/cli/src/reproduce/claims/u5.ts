import {
  createEvaluator,
  type Graph,
  graphOf,
  type NodeId,
  type Plan,
  type Problem,
  parseCluster,
  planOf,
  problemOf,
  singleTensorCuts,
  zooModel,
} from '@tandem/core';
import { type Claim, defineClaim, type Figure, type Findings } from '../claim.ts';
import { papers } from '../papers.ts';

const where = 'Fig. 6 and its text';

/** Rates of the link: four a doubling, both ends included. */
const slowest = 1;
const doublings = 12;
const ratesPerDoubling = 4;

/** Of a cable and of a wireless network, in milliseconds. */
const [wired, wireless] = [0.3, 2];

/** The paper's own layer, and the blocks of 96 channels, whose output is the eighth of the input that it speaks of. */
const namedBlock = 'stage4/block0';
const smallBlock = 'stage5/block2';

const unjudged = (unit: string): Figure => ({
  unit,
  paper: null,
  tolerance: { kind: 'absolute', value: 0 },
  where,
});
const atLeastOne = (unit: string): Figure => ({ unit, paper: 1, tolerance: { kind: 'at-least' }, where });

const rates = Array.from(
  { length: doublings * ratesPerDoubling + 1 },
  (_, step) => slowest * 2 ** (step / ratesPerDoubling),
);
const unit = `of ${rates.length} rates`;

/** The name of a figure at a round trip. */
const at = (roundTrip: number, name: string): string => `round trip ${roundTrip} ms: ${name}`;

const figuresAt = (roundTrip: number): Readonly<Record<string, Figure>> => ({
  [at(roundTrip, 'split at ex_conv_6 beats device and edge')]: atLeastOne(unit),
  [at(roundTrip, 'split at ex_conv_6 is the best of all')]: atLeastOne(unit),
  [at(roundTrip, 'the last block of 96 channels is the best of all')]: unjudged(unit),
  [at(roundTrip, 'some split beats device and edge')]: unjudged(unit),
  [at(roundTrip, 'a split wins from')]: unjudged('Mbit/s'),
  [at(roundTrip, 'a split wins up to')]: unjudged('Mbit/s'),
});

export const u5: Claim = defineClaim({
  claim:
    'Splitting MobileNetV2 at ex_conv_6 is faster than running it on the device alone or on the edge server alone, and faster than any other split.',
  paper: papers.ng,
  standIn: `The catalogue’s Jetson Orin Nano and GTX 1080 (roofline times) in place of the two machines, MobileNetV2 in fp32, one link of ${slowest} to ${slowest * 2 ** doublings} Mbit/s in steps of a quarter of a doubling, with the round trip of a cable (${wired} ms) and with that of a wireless network (${wireless} ms), both judged since the paper states no network; the answer returns. Every cut that one tensor crosses is priced, as Neurosurgeon does.`,
  figures: {
    ...figuresAt(wired),
    ...figuresAt(wireless),
    'device alone': unjudged('ms'),
    [at(wired, 'edge alone, at the lowest rate at which a split wins')]: unjudged('ms'),
    [at(wired, 'best split, at that rate')]: unjudged('ms'),
  },
  remarks: [
    'ex_conv_6 is taken for the end of the first block of 64 channels (see U4).',
    'Below the rates at which a split wins, the device alone is faster; above them, the edge alone is; from 0 up to 0 says that none wins at any rate. Where the interval lies depends on how much faster the server is than the device, and the paper gives no times to compare with.',
  ],
  observed: (found) => [roundTripText(found)],
  run: async () => {
    const graph = graphOf(zooModel('mobilenet-v2', { batch: 1 }));
    const cuts = singleTensorCuts(graph).map(({ nodes }) => nodes);
    const [named, small] = [throughBlock(graph, namedBlock), throughBlock(graph, smallBlock)];
    const place = (nodes: readonly NodeId[]): number =>
      cuts.findIndex(({ length }) => length === nodes.length);
    const [namedAt, smallAt] = [place(named), place(small)];
    const cable = priced(graph, wired, cuts);
    const first = cable.find(wins);
    return {
      ...findingsAt(wired, cable, namedAt, smallAt),
      ...findingsAt(wireless, priced(graph, wireless, cuts), namedAt, smallAt),
      'device alone': 1e3 * (cable[0]?.device ?? 0),
      [at(wired, 'edge alone, at the lowest rate at which a split wins')]: 1e3 * (first?.edge ?? 0),
      [at(wired, 'best split, at that rate')]: 1e3 * (first?.split ?? 0),
    };
  },
});

function roundTripText(found: Findings): string {
  const winning = [wired, wireless].map((roundTrip) => {
    const count = found[at(roundTrip, 'some split beats device and edge')] ?? 0;
    return `${count === 0 ? 'none' : count} of the ${rates.length} rates with a round trip of ${roundTrip} ms`;
  });
  const device = (found['device alone'] ?? 0).toFixed(1);
  return `The device alone takes ${device} ms, beside which a network’s delay counts: some split wins at ${winning.join(', at ')}.`;
}

function findingsAt(roundTrip: number, rows: readonly Priced[], named: number, small: number): Findings {
  const winning = rows.filter(wins);
  const best = (cut: number): number => winning.filter(({ splits, split }) => splits[cut] === split).length;
  const beats = rows.filter(({ splits, alone }) => (splits[named] ?? Number.NaN) < alone).length;
  return {
    [at(roundTrip, 'split at ex_conv_6 beats device and edge')]: beats,
    [at(roundTrip, 'split at ex_conv_6 is the best of all')]: best(named),
    [at(roundTrip, 'the last block of 96 channels is the best of all')]: best(small),
    [at(roundTrip, 'some split beats device and edge')]: winning.length,
    [at(roundTrip, 'a split wins from')]: winning[0]?.rate ?? 0,
    [at(roundTrip, 'a split wins up to')]: winning.at(-1)?.rate ?? 0,
  };
}

function priced(graph: Graph, roundTrip: number, cuts: readonly (readonly NodeId[])[]): readonly Priced[] {
  return rates.map((rate) => {
    const own = latencies(graph, { rate, roundTrip }, cuts);
    return { ...own, rate, split: Math.min(...own.splits), alone: Math.min(own.device, own.edge) };
  });
}

/** Seconds at a rate in Mbit/s. */
interface Priced extends Latencies {
  readonly rate: number;
  readonly split: number;
  readonly alone: number;
}

const wins = ({ split, alone }: Priced): boolean => split < alone;

interface Latencies {
  readonly device: number;
  readonly edge: number;
  /** In the order of the cuts. */
  readonly splits: readonly number[];
}

/** Seconds until the answer is back, for each cut and for none. */
function latencies(graph: Graph, link: Link, cuts: readonly (readonly NodeId[])[]): Latencies {
  const problem = problemOf(graph, orinAndGtx(link));
  const evaluator = createEvaluator(problem);
  const all = graph.nodes.map(({ id }) => id);
  const seconds = (before: readonly NodeId[]): number =>
    evaluator.evaluate(splitAt(problem, all, new Set(before))).latencySeconds;
  return { device: seconds(all), edge: seconds([]), splits: cuts.map(seconds) };
}

/** Mbit/s and milliseconds. */
interface Link {
  readonly rate: number;
  readonly roundTrip: number;
}

const orinAndGtx = ({
  rate: megabitsPerSecond,
  roundTrip: roundTripMilliseconds,
}: Link): Problem['cluster'] =>
  parseCluster({
    name: 'Orin Nano and GTX 1080',
    hosts: [{ id: 'device' }, { id: 'edge' }],
    devices: [
      { id: 'orin', host: 'device', like: 'jetson-orin-nano' },
      { id: 'gtx', host: 'edge', like: 'gtx-1080' },
    ],
    links: [{ from: 'orin', to: 'gtx', megabitsPerSecond, roundTripMilliseconds, bothWays: true }],
    source: 'orin',
  });

function splitAt(problem: Problem, all: readonly NodeId[], before: ReadonlySet<NodeId>): Plan {
  return planOf(
    problem,
    '',
    [
      { device: 'orin', nodes: all.filter((node) => before.has(node)) },
      { device: 'gtx', nodes: all.filter((node) => !before.has(node)) },
    ],
    'sweep',
  );
}

/** What runs before the cut behind a block. */
function throughBlock(graph: Graph, block: string): readonly NodeId[] {
  const last = graph.nodes.findLast(({ name }) => name.startsWith(`${block}/`));
  const cut = singleTensorCuts(graph).find(({ boundary }) => boundary[0] === last?.outputs[0]);
  return cut?.nodes ?? [];
}
