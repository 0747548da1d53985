import { describe, expect, it } from 'vitest';
import { parseCluster } from '../../cluster/parse-cluster.ts';
import { deviceMemory } from '../../cost/device-memory.ts';
import { graphOf } from '../../graph/graph-of.ts';
import { singleTensorCuts } from '../../graph/single-tensor-cuts.ts';
import type { Plan, Stage } from '../../plan/plan.ts';
import { planOf } from '../../plan/plan-of.ts';
import type { Problem } from '../../plan/problem.ts';
import { problemOf } from '../../plan/problem-of.ts';
import { bytes, flopsPerSecond } from '../../units.ts';
import { zooModel } from '../../zoo/zoo.ts';
import { type StagesLeft, SuffixCuts } from './suffix-cuts.ts';

const graph = graphOf(zooModel('cifar-resnet-8', { batch: 1 }));
const ids = ['a', 'b', 'c'] as const;

/** Three equal devices, and the network in thirds. */
function setting(): { problem: Problem; plan: Plan } {
  const hosts = ids.map((id) => ({ id, memoryGigabytes: 1 }));
  const figures = { kind: 'cpu', gigaflopsPerSecond: 10, memoryGigabytesPerSecond: 5 };
  const links = ids.flatMap((from) =>
    ids.flatMap((to) => (from === to ? [] : [{ from, to, megabitsPerSecond: 100 }])),
  );
  const devices = ids.map((id) => ({ id, host: id, ...figures }));
  const cluster = parseCluster({ name: 'three', hosts, devices, links, source: 'a', sink: 'c' });
  const problem = problemOf(graph, cluster);
  return { problem, plan: planOf(problem, '0'.repeat(64), thirds(), 'by hand') };
}

function thirds(): Stage[] {
  const cuts = singleTensorCuts(graph);
  const upTo = (share: number): readonly number[] => cuts[Math.floor(share * cuts.length)]?.nodes ?? [];
  const [first, second] = [new Set(upTo(1 / 3)), new Set(upTo(2 / 3))];
  const all = graph.nodes.map(({ id }) => id);
  return [
    { device: 'a', nodes: all.filter((id) => first.has(id)) },
    { device: 'b', nodes: all.filter((id) => second.has(id) && !first.has(id)) },
    { device: 'c', nodes: all.filter((id) => !second.has(id)) },
  ];
}

function cutsOf(problem: Problem, plan: Plan): SuffixCuts {
  const cuts = SuffixCuts.of(problem, plan);
  if (cuts === null) throw new Error('the thirds follow the chain');
  return cuts;
}

/** b is gone, a holds what it made. */
const left: StagesLeft = {
  first: 1,
  holder: 'a',
  devices: ids,
  moved: new Set(),
  alive: new Set(['a', 'c']),
};

describe('stages that were lost', () => {
  it('are cut into pieces that make up the stage, on devices that live; others stay', () => {
    const { problem, plan } = setting();
    const cut = cutsOf(problem, plan).cut(left);
    expect([...(cut?.pieces.keys() ?? [])]).toEqual([1]);
    const pieces = cut?.pieces.get(1) ?? [];
    expect(pieces.flatMap(({ nodes }) => nodes).toSorted((one, other) => one - other)).toEqual(
      plan.stages[1]?.nodes,
    );
    for (const { device } of pieces) expect(left.alive.has(device)).toBe(true);
  });

  it('are cut inside where no device that is left holds them whole', () => {
    const { problem, plan } = setting();
    const cuts = cutsOf(problem, plan);
    const whole = cuts.cut(left);
    expect(whole?.pieces.get(1)).toHaveLength(1);
    const tight = tightened(problem, plan);
    const cut = cutsOf(tight, plan).cut(left);
    expect(new Set(cut?.pieces.get(1)?.map(({ device }) => device))).toEqual(new Set(['a', 'c']));
  });

  it('stay as they are where that is as good', () => {
    const { problem, plan } = setting();
    const cuts = cutsOf(problem, plan);
    const [piece] = cuts.cut(left)?.pieces.get(1) ?? [];
    const devices = ['a', piece?.device ?? '', 'c'];
    expect(cuts.cut({ ...left, devices, moved: new Set([1]) })).toBeNull();
  });

  it('stay with who had them loaded, as far as another device would take longer to load them than it saves', () => {
    const { problem, plan } = setting();
    const devices = problem.cluster.devices.map((device) =>
      device.id === 'a' ? { ...device, flopsPerSecond: flopsPerSecond(3 * device.flopsPerSecond) } : device,
    );
    const cuts = cutsOf({ ...problem, cluster: { ...problem.cluster, devices } }, plan);
    const gone = { ...left, devices: ['a', 'c', 'c'], moved: new Set([1]) };
    const devicesOf = (standBys: ReadonlyMap<number, string>): unknown =>
      cuts
        .cut({ ...gone, standBys })
        ?.pieces.get(1)
        ?.map(({ device }) => device);
    expect(devicesOf(new Map())).toEqual(['a']);
    expect(devicesOf(new Map([[1, 'c']]))).toContain('c');
  });

  it('are nothing that can be cut where the plan goes across the chain or runs requests in several ways', () => {
    const { problem, plan } = setting();
    const [first, second, third] = plan.stages;
    if (first === undefined || second === undefined || third === undefined)
      throw new Error('there are three');
    const moved = second.nodes.slice(0, 1);
    const across = [
      { ...first, nodes: first.nodes },
      { ...second, nodes: second.nodes.slice(1) },
      { ...third, nodes: [...moved, ...third.nodes] },
    ];
    expect(SuffixCuts.of(problem, { ...plan, stages: across })).toBeNull();
    const replicas = ['b', 'c'].map((device) => ({ device, weight: 1 }));
    const shared = plan.stages.map((stage, at) => (at === 1 ? { ...stage, replicas } : stage));
    expect(SuffixCuts.of(problem, { ...plan, stages: shared })).toBeNull();
  });

  it('are given up where nobody is left', () => {
    const { problem, plan } = setting();
    expect(cutsOf(problem, plan).cut({ ...left, alive: new Set() })).toBeNull();
  });
});

/** a and c have nine tenths of what b needs. */
function tightened(problem: Problem, plan: Plan): Problem {
  const memoryBytes = bytes(0.9 * deviceMemory(problem, plan, 'b').memoryBytes);
  const devices = problem.cluster.devices.map((device) =>
    device.id === 'b' ? device : { ...device, memoryBytes },
  );
  return { ...problem, cluster: { ...problem.cluster, devices } };
}
