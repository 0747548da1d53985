import {
  bytes,
  deviceMemory,
  graphOf,
  type Problem,
  parseCluster,
  planOf,
  problemDigest,
  problemOf,
  zooModel,
} from '@tandem/core';
import { createSha256 } from '@tandem/node';
import { describe, expect, it } from 'vitest';
import { planFor } from './plan-for.ts';

const graph = graphOf(zooModel('resnet-18', { batch: 1 }));
const { signal } = new AbortController();

/** Two equal devices, each with so many times the memory that the network needs. */
function problemWith(room: number): Problem {
  const ids = ['a', 'b'];
  const cluster = parseCluster({
    name: 'two',
    hosts: ids.map((id) => ({ id, memoryGigabytes: 1 })),
    devices: ids.map((id) => ({
      id,
      host: id,
      kind: 'cpu',
      gigaflopsPerSecond: 10,
      memoryGigabytesPerSecond: 5,
    })),
    links: [{ from: 'a', to: 'b', megabitsPerSecond: 100, bothWays: true }],
    source: 'a',
  });
  const problem = problemOf(graph, cluster);
  const whole = planOf(problem, '', [{ device: 'a', nodes: graph.nodes.map(({ id }) => id) }], 'by hand');
  const memoryBytes = bytes(room * deviceMemory(problem, whole, 'a').memoryBytes);
  const devices = cluster.devices.map((device) => ({ ...device, memoryBytes }));
  return { ...problem, cluster: { ...cluster, devices } };
}

async function devicesOf(room: number, standby: boolean): Promise<readonly string[]> {
  const problem = problemWith(room);
  const digest = problemDigest(problem, createSha256);
  const flags = { planner: 'coinfer', standby, lossless: false };
  const { plan, report } = await planFor({ problem, digest }, flags, signal);
  expect(report.violations).toEqual([]);
  return [...new Set(plan.stages.map(({ device }) => device))];
}

describe('a plan for a run', () => {
  it('leaves memory to stages that stand by', async () => {
    expect(await devicesOf(2, false)).toEqual(['a']);
    expect(await devicesOf(2, true)).toEqual(['a', 'b']);
    expect(await devicesOf(2.6, true)).toEqual(['a']);
  });

  it('takes all of it where nothing fits into what it would take', async () => {
    expect(await devicesOf(1.01, true)).toEqual(['a']);
  });
});
