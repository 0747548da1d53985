import {
  bytes,
  type CatalogueFigures,
  type Cluster,
  catalogueDevices,
  evaluate,
  type Graph,
  type Link,
  parseCluster,
  planOf,
  problemOf,
  type Random,
} from '@tandem/core';

/** 2 to 8 unequal devices, each linked with each, and whether their memory was cut. */
export interface Fleet {
  readonly cluster: Cluster;
  readonly isTight: boolean;
}

const everyFigure = [
  'memoryBytes',
  'flopsPerSecond',
  'memoryBytesPerSecond',
] as const satisfies readonly (keyof CatalogueFigures)[];

/** Of which the catalogue knows all that a cluster needs. */
const models: readonly string[] = Object.entries(catalogueDevices)
  .filter(([, { figures }]) => everyFigure.every((figure) => figures[figure] !== undefined))
  .map(([name]) => name);

const links = {
  slowestMegabits: 5,
  fastestMegabits: 1000,
  shortestMilliseconds: 0.5,
  longestMilliseconds: 20,
};
/** Of a device's memory in a tight fleet, what the whole model takes there being 1. */
const tightShare = { least: 0.3, most: 1.3 };

/**
 * A fleet for running `graph`: devices drawn from the catalogue without repeating one, the first is where requests enter and answers
 * are wanted. Every second fleet, on average, is tight. The same `random` gives the same fleet.
 */
export function randomFleet(random: Random, graph: Graph): Fleet {
  const like = shuffled(random, models).slice(0, 2 + random.integer(7));
  const ids = like.map((_, at) => `d${at}`);
  const cluster = parseCluster({
    name: 'fleet',
    hosts: ids.map((id) => ({ id: `h-${id}` })),
    devices: ids.map((id, at) => ({ id, host: `h-${id}`, like: like[at] })),
    links: ids.flatMap((from, at) => ids.slice(at + 1).map((to) => randomLink(random, from, to))),
  });
  const isTight = random.next() < 0.5;
  return { cluster: isTight ? withLess(random, cluster, graph) : cluster, isTight };
}

function randomLink(random: Random, from: string, to: string): Record<string, unknown> {
  const { slowestMegabits, fastestMegabits, shortestMilliseconds, longestMilliseconds } = links;
  return {
    from,
    to,
    bothWays: true,
    megabitsPerSecond: logUniform(random, slowestMegabits, fastestMegabits),
    roundTripMilliseconds: logUniform(random, shortestMilliseconds, longestMilliseconds),
  } satisfies Partial<
    Record<keyof Link | 'bothWays' | 'megabitsPerSecond' | 'roundTripMilliseconds', unknown>
  >;
}

/** Every device and its host hold between 0.3 and 1.3 times what the whole model takes there, and no more than they did. */
function withLess(random: Random, cluster: Cluster, graph: Graph): Cluster {
  const problem = problemOf(graph, cluster);
  const nodes = graph.nodes.map(({ id }) => id);
  const least = new Map(
    cluster.devices.map(({ id, host, memoryBytes }) => {
      const report = evaluate(problem, planOf(problem, '', [{ device: id, nodes }], 'fleet'));
      const need = report.devices.find(({ device }) => device === id)?.memoryBytes ?? 0;
      const share = tightShare.least + (tightShare.most - tightShare.least) * random.next();
      return [host, bytes(Math.min(memoryBytes, Math.ceil(need * share)))];
    }),
  );
  const cut = <Row extends { readonly memoryBytes: number }>(row: Row, host: string): Row => ({
    ...row,
    memoryBytes: least.get(host) ?? row.memoryBytes,
  });
  return {
    ...cluster,
    hosts: cluster.hosts.map((row) => cut(row, row.id)),
    devices: cluster.devices.map((row) => cut(row, row.host)),
  };
}

function shuffled<Item>(random: Random, items: readonly Item[]): Item[] {
  const keys = items.map((item) => ({ item, key: random.next() }));
  return keys.sort((left, right) => left.key - right.key).map(({ item }) => item);
}

const logUniform = (random: Random, low: number, high: number): number => low * (high / low) ** random.next();
