import {
  bytes,
  type Cluster,
  deviceMemory,
  graphOf,
  type Plan,
  type Problem,
  parseCluster,
  planOf,
  problemOf,
  singleTensorCuts,
  zooModel,
} from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { deploymentOf } from './deployment-of.ts';
import { reassignedDeployment } from './repaired-deployment.ts';
import { repairerOf } from './repairer-of.ts';

const graph = graphOf(zooModel('cifar-resnet-8', { batch: 1 }));
const ids = ['a', 'b', 'c'];

/** a runs the small beginning and b the rest; c, the fastest by far, is free. */
function setting(): { readonly problem: Problem; readonly plan: Plan } {
  const hosts = ids.map((id) => ({ id, memoryGigabytes: 1 }));
  const links = ids.flatMap((from) =>
    ids.flatMap((to) => (from === to ? [] : [{ from, to, megabitsPerSecond: 100 }])),
  );
  const devices = ids.map((id) => ({
    id,
    host: id,
    kind: 'cpu',
    gigaflopsPerSecond: id === 'c' ? 100 : 1,
    memoryGigabytesPerSecond: 5,
  }));
  const cluster = parseCluster({ name: 'three', hosts, devices, links, source: 'a', sink: 'b' });
  const problem = problemOf(graph, cluster);
  const cuts = singleTensorCuts(graph);
  const first = new Set(cuts[Math.floor(cuts.length / 4)]?.nodes);
  const all = graph.nodes.map(({ id }) => id);
  const stages = [
    { device: 'a', nodes: all.filter((id) => first.has(id)) },
    { device: 'b', nodes: all.filter((id) => !first.has(id)) },
  ];
  return { problem, plan: planOf(problem, '0'.repeat(64), stages, 'by hand') };
}

/** a has room for its own stage, b for both, c for one of them. */
function tightened(problem: Problem, plan: Plan): Problem {
  const [small, large] = ['a', 'b'].map((id) => deviceMemory(problem, plan, id).memoryBytes);
  if (small === undefined || large === undefined) throw new Error('two devices have a stage');
  const room = new Map([
    ['a', 1.05 * small],
    ['b', 1.05 * (small + large)],
    ['c', large],
  ]);
  const devices = problem.cluster.devices.map((device) => ({
    ...device,
    memoryBytes: bytes(room.get(device.id) ?? 0),
  }));
  const cluster: Cluster = { ...problem.cluster, devices };
  return { ...problem, cluster };
}

describe('stages that stand by', () => {
  it('are on the best device that has room beside the others, the largest first', () => {
    const { problem, plan } = setting();
    const standBys = (own: Problem): unknown =>
      repairerOf(own, plan).standBys?.(['a', 'b'], new Set(ids)) ?? null;
    expect(standBys(problem)).toEqual(new Map([[0, 'c'], [1, 'c']])); // biome-ignore format: a table
    expect(standBys(tightened(problem, plan))).toEqual(new Map([[0, 'b'], [1, 'c']])); // biome-ignore format: a table
  });

  it('take over when their device is lost, though another would be better were weights there', () => {
    const { problem, plan } = setting();
    const segments = plan.stages.map((_, at) => ({ digest: `${at}`.padStart(64, '0'), parts: [] }));
    const deployment = deploymentOf({ problem, plan, segments });
    const repairer = repairerOf(problem, plan);
    const taken = (survivors: readonly string[], standBys?: ReadonlyMap<number, string>): unknown =>
      reassignedDeployment(deployment, {
        version: 2,
        survivors,
        repairer,
        ...(standBys === undefined ? {} : { standBys }),
      })?.stages.map(({ device }) => device);
    expect(taken(['b', 'c'])).toEqual(['c', 'b']);
    expect(taken(['b', 'c'], new Map([[0, 'b']]))).toEqual(['b', 'b']);
    expect(taken(['c'], new Map([[0, 'b']]))).toEqual(['c', 'c']);
  });

  it('do not take over what does not fit there any more', () => {
    const { problem, plan } = setting();
    const tight = tightened(problem, plan);
    const segments = plan.stages.map((_, at) => ({ digest: `${at}`.padStart(64, '0'), parts: [] }));
    const lost = reassignedDeployment(deploymentOf({ problem, plan, segments }), {
      version: 2,
      survivors: ['a', 'c'],
      repairer: repairerOf(tight, plan),
      standBys: new Map([[1, 'a']]),
    });
    expect(lost?.stages.map(({ device }) => device)).toEqual(['a', 'c']);
  });
});
