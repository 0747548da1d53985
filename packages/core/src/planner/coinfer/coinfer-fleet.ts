import { parseCluster } from '../../cluster/parse-cluster.ts';
import type { Graph } from '../../graph/graph.ts';
import type { Problem } from '../../plan/problem.ts';
import { problemOf } from '../../plan/problem-of.ts';
import { createRandom } from '../../random.ts';

/** Sustained Gflop/s, GB/s, highest GHz, watts beyond idle; in the order of magnitude of the boards that COINFER names. */
const types = [
  { name: 'pi-3b', gigaflops: 4, memory: 2, gigahertz: 1.4, dynamic: 3 },
  { name: 'pi-4b', gigaflops: 10, memory: 3.5, gigahertz: 1.8, dynamic: 4 },
  { name: 'nano', gigaflops: 150, memory: 18, gigahertz: 0.92, dynamic: 7 },
  { name: 'tx2', gigaflops: 400, memory: 45, gigahertz: 1.3, dynamic: 11 },
  { name: 'nx', gigaflops: 500, memory: 48, gigahertz: 1.1, dynamic: 12 },
] as const;

/** The share of the highest clock that COINFER goes down to, and its step. */
const lowest = 0.5;
const step = 0.1;

/**
 * What a board has for all but its share of the parameters. ViT-B/16 and ViT-H/14 need 15 to 37 MB there; what is left holds parameters as
 * well, so that boards have more than their share.
 */
const besideParameters = 64e6;

/**
 * COINFER's fleet as far as it is known: five types of boards, four of each (or `ofEach`), every one a tenth faster or slower; all connected by wireless links of
 * rates log-uniform from 20 to 200 Mbit/s. Together they hold the network's parameters `room` times, and each has `besideParameters` more, so that memory decides who takes part.
 * As in its published program a device draws k f³ while it computes and nothing else. Latency and energy count alike, each against what the network takes where it runs as a whole on the fastest board.
 */
export function coinferFleet(graph: Graph, seed: number, room: number, ofEach = 4): Problem {
  const random = createRandom(seed);
  const parameters = graph.parameters.reduce((sum, { bytes }) => sum + bytes, 0);
  const rows = types.flatMap((type) =>
    Array.from({ length: ofEach }, (_, copy) => ({ ...type, id: `${type.name}-${copy}` })),
  );
  const shares = rows.map(() => 0.5 + random.next());
  const all = shares.reduce((sum, share) => sum + share, 0);
  const devices = rows.map(({ id, gigaflops, memory, gigahertz, dynamic }, at) => {
    const jitter = 0.9 + 0.2 * random.next();
    return {
      id,
      host: id,
      kind: 'cpu',
      gigaflopsPerSecond: gigaflops * jitter,
      memoryGigabytesPerSecond: memory,
      launchMicroseconds: 20,
      memoryGigabytes: (((shares[at] ?? 0) / all) * room * parameters + besideParameters) / 1e9,
      frequencies: {
        levelsMegahertz: Array.from({ length: 6 }, (_level, level) =>
          Math.round(1e3 * gigahertz * (lowest + step * level)),
        ),
      },
      power: { idleWatts: 0, staticWatts: 0, dynamicWattsAtMaximum: dynamic, exponent: 3 },
    };
  });
  const hosts = devices.map(({ id, memoryGigabytes }) => ({ id, memoryGigabytes }));
  const links = devices.flatMap(({ id: from }, at) =>
    devices.slice(0, at).map(({ id: to }) => ({
      from,
      to,
      megabitsPerSecond: 20 * 10 ** random.next(),
      roundTripMilliseconds: 4,
      bothWays: true,
    })),
  );
  const cluster = parseCluster({
    name: `${devices.length} boards`,
    hosts,
    devices,
    links,
    source: 'pi-4b-0',
  });
  const [flops, fastest] = [graph.nodes.reduce((sum, node) => sum + node.flops, 0), 5e11];
  const reference = flops / fastest;
  return problemOf(graph, cluster, {
    objective: {
      kind: 'weighted',
      terms: [
        { figure: 'latencySeconds', weight: 1, reference },
        { figure: 'energyJoules', weight: 1, reference: reference * 16 },
      ],
    },
  });
}
