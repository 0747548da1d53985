import type { Cluster, Device, Host, Link } from '../cluster/cluster.ts';
import type { Graph } from '../graph/graph.ts';
import { peakActivation } from '../graph/peak-activation.ts';
import { type RandomGraphOptions, randomGraph } from '../graph/random-graph.ts';
import { parameterBytesOf } from '../graph/stage-boundary.ts';
import type { ProfileRow } from '../profile/profile.ts';
import type { Random } from '../random.ts';
import { bitsPerSecond, bytes, bytesPerSecond, flopsPerSecond, seconds } from '../units.ts';
import type { Problem } from './problem.ts';
import { problemOf } from './problem-of.ts';

export interface RandomProblemOptions {
  /** @default a general graph with ties */
  readonly graph?: RandomGraphOptions;
  /** @default 2 */
  readonly devices?: number;
  /** Share of links that are missing. @default 0 */
  readonly missingLinks?: number;
  /** Share of links that let the first bytes of a tensor through at once. @default 0 */
  readonly bursts?: number;
  /** Share of devices whose memory is about what the whole model needs, so that some cuts do not fit. @default 0 */
  readonly tightMemory?: number;
  /** Share of nodes and devices with a measured time. @default 0.2 */
  readonly measured?: number;
  /** Share of problems whose answer is wanted elsewhere than where it entered. @default 0 */
  readonly elsewhere?: number;
  /** Share of problems whose raw input must not leave. @default 0 */
  readonly rawInputStays?: number;
}

/**
 * A problem on which planners are tried: a random graph on devices d0, d1 … of unequal speed, each on a host of its own; requests
 * enter at d0. The same `random` gives the same problem.
 */
export function randomProblem(random: Random, options: RandomProblemOptions = {}): Problem {
  const graph = randomGraph(random.split('graph'), { idle: 0.2, ...options.graph });
  const cluster = randomCluster(random.split('cluster'), graph, options);
  const elsewhere = random.next() < (options.elsewhere ?? 0);
  return problemOf(graph, cluster, {
    profile: { rows: randomRows(random.split('profile'), graph, cluster, options.measured ?? 0.2) },
    sink: elsewhere ? `d${cluster.devices.length - 1}` : 'd0',
    neverLeaveRawInput: random.next() < (options.rawInputStays ?? 0),
  });
}

function randomCluster(random: Random, graph: Graph, options: RandomProblemOptions): Cluster {
  const everything = [...graph.nodes.keys()];
  const need = parameterBytesOf(graph, everything) + peakActivation(graph, everything);
  const devices: Device[] = [];
  const hosts: Host[] = [];
  for (let index = 0; index < (options.devices ?? 2); index++) {
    const isTight = random.next() < (options.tightMemory ?? 0);
    const memoryBytes = bytes(Math.ceil(need * (isTight ? 0.3 + random.next() : 4)));
    hosts.push({ id: `h${index}`, memoryBytes });
    devices.push({ ...randomDevice(random, index), memoryBytes });
  }
  return { name: 'random', hosts, devices, links: randomLinks(random, devices, options) };
}

/** Rates from a small set, so that equal devices and equal sums happen. */
function randomDevice(random: Random, index: number): Device {
  return {
    id: `d${index}`,
    host: `h${index}`,
    kind: 'cpu',
    memoryBytes: bytes(0),
    flopsPerSecond: flopsPerSecond(2 ** (6 + random.integer(6))),
    memoryBytesPerSecond: bytesPerSecond(2 ** (12 + random.integer(4))),
    launchSeconds: seconds(random.integer(3) / 64),
    overheadBytes: bytes(random.integer(2) * 64),
    load: 1 + random.integer(2),
    threads: 1,
    emulated: false,
  };
}

function randomLinks(
  random: Random,
  devices: readonly Device[],
  { missingLinks: missing = 0, bursts = 0 }: RandomProblemOptions,
): Link[] {
  const links: Link[] = [];
  const own = random.split('bursts');
  for (const from of devices) {
    for (const to of devices) {
      const burstBytes = bytes(own.next() < bursts ? 64 * (1 + own.integer(4)) : 0);
      const rate = bitsPerSecond(2 ** (9 + random.integer(9)));
      if (from === to || random.next() < missing) continue;
      links.push({
        from: from.id,
        to: to.id,
        rate: { kind: 'constant', bitsPerSecond: rate },
        roundTripSeconds: seconds(random.integer(4) / 8),
        perMessageSeconds: seconds(random.integer(3) / 16),
        ...(burstBytes === 0 ? {} : { burstBytes }),
      });
    }
  }
  return links;
}

function randomRows(random: Random, graph: Graph, cluster: Cluster, share: number): ProfileRow[] {
  const rows: ProfileRow[] = [];
  for (const device of cluster.devices) {
    for (const node of graph.nodes) {
      if (random.next() >= share) continue;
      rows.push({
        node: node.name,
        device: device.id,
        seconds: seconds(random.integer(64) / 16),
        source: random.next() < 0.5 ? 'measured' : 'predicted',
      });
    }
  }
  return rows;
}
