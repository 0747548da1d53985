import {
  type Cluster,
  evaluate,
  type Graph,
  type Plan,
  type Problem,
  type Profile,
  type ProfileFile,
  parseCluster,
  planOf,
  problemDigest,
  problemOf,
  profileFor,
  type Report,
  seconds,
  singleTensorCuts,
} from '@tandem/core';
import { createSha256 } from '@tandem/node';
import type { MeasuredLink } from './lines.ts';

/** How many times slower the imitated device is than a core of this machine. */
export const slowdown = 4;
/** Cuts predicted up to this many times the best are measured. */
export const widest = 3;

/** The imitated device, where requests enter, and this machine, where answers are wanted, over a link as a probe measured it. */
export function weakPairProblem(graph: Graph, file: ProfileFile, link: MeasuredLink): Problem {
  const cluster = weakPair(link);
  const [device, server] = cluster.devices.map((each) => profileFor(file, graph, each));
  const profile: Profile = {
    rows: [...slower(device?.rows ?? []), ...(server?.rows ?? [])],
    segments: [...slower(device?.segments ?? []), ...(server?.segments ?? [])],
  };
  return problemOf(graph, cluster, { profile });
}

const slower = <Row extends { readonly seconds: number }>(rows: readonly Row[]): Row[] =>
  rows.map((row) => ({ ...row, seconds: seconds(row.seconds * slowdown) }));

/** Rates of operations and memory are not used: every time is measured. */
function weakPair({ bitsPerSecond, perMessageSeconds, burstBytes }: MeasuredLink): Cluster {
  const rates = { kind: 'cpu', gigaflopsPerSecond: 1, memoryGigabytesPerSecond: 1 };
  return parseCluster({
    hosts: ['device', 'server'].map((id) => ({ id, memoryGigabytes: 16 })),
    devices: [
      { id: 'device', host: 'device', ...rates, emulated: true },
      { id: 'server', host: 'server', ...rates },
    ],
    links: [
      {
        from: 'device',
        to: 'server',
        megabitsPerSecond: bitsPerSecond / 1e6,
        perMessageMilliseconds: perMessageSeconds * 1000,
        burstBytes,
      },
    ],
    source: 'device',
    sink: 'server',
  });
}

export interface PricedPlan {
  readonly plan: Plan;
  readonly report: Report;
}

/** Every single-tensor cut as a plan of two stages, those predicted within `widest` times the best, in the graph's order. */
export function plansWorthMeasuring(problem: Problem): PricedPlan[] {
  const { graph } = problem;
  const digest = problemDigest(problem, createSha256);
  const priced = singleTensorCuts(graph).map(({ nodes }, index) => {
    const head = new Set(nodes);
    const tail = graph.nodes.flatMap(({ id }) => (head.has(id) ? [] : [id]));
    const stages = [
      { device: 'device', nodes },
      { device: 'server', nodes: tail },
    ];
    const plan = planOf(problem, digest, stages, 'single-tensor-cut', { version: index + 1 });
    return { plan, report: evaluate(problem, plan) };
  });
  const best = Math.min(...priced.map(({ report }) => report.latencySeconds));
  return priced.filter(({ report }) => report.latencySeconds <= widest * best);
}
