import {
  bitsPerSecond,
  type Cluster,
  type Graph,
  nodeRanges,
  type Plan,
  type Problem,
  parseCluster,
  planOf,
  problemOf,
  type Rate,
  type Seconds,
  seconds,
} from '@tandem/core';
import type { MeasuredLink } from '../predicted/lines.ts';
import { readLinkTrace, shapedMegabits } from '../testbed/trace-follower.ts';
import type { PipelineCase } from './pipeline-case.ts';
import { stagesByWork } from './stages-by-work.ts';

/** What was measured beforehand, each thing alone. */
export interface Calibration {
  /** Of one core of this machine, a stage each. */
  readonly stageSeconds: readonly Seconds[];
  /** Links between the stages, in their order. */
  readonly links: readonly MeasuredLink[];
}

export interface StagedPlan {
  readonly problem: Problem;
  readonly plan: Plan;
}

/** The case's plan, on its cluster with the times and rates that were measured; without them only the stages mean anything. */
export function stagedPlan(graph: Graph, own: PipelineCase, calibration: Calibration | null): StagedPlan {
  const stages = stagesByWork(graph, own.stages);
  const segments = stages.flatMap(({ device, nodes }, stage) => {
    const { like, slowdown = 1 } = own.scenario.hosts.find(({ id }) => id === device) ?? {};
    const measured = calibration?.stageSeconds[stage];
    if (measured === undefined || like !== undefined) return [];
    const time = seconds(slowdown * measured);
    return [{ segment: nodeRanges(nodes), device, seconds: time, source: 'measured' as const }];
  });
  const problem = problemOf(graph, clusterOf(own, calibration), { profile: { rows: [], segments } });
  return { problem, plan: planOf(problem, '0'.repeat(64), stages, 'by-hand', { version: 1 }) };
}

function clusterOf(own: PipelineCase, calibration: Calibration | null): Cluster {
  const { scenario, stages } = own;
  const hosts = scenario.hosts.filter(({ id }) => stages.some(({ host }) => host === id));
  const rates = { kind: 'cpu', gigaflopsPerSecond: 60, memoryGigabytesPerSecond: 10 };
  const cluster = parseCluster({
    name: own.name,
    hosts: hosts.map(({ id }) => ({ id, memoryGigabytes: 16 })),
    devices: hosts.map(({ id, like, slowdown }) => ({
      id,
      host: id,
      ...(like === undefined ? rates : { like, threads: 1 }),
      emulated: like !== undefined || slowdown !== undefined,
    })),
    links: stages.slice(1).map(({ host }, at) => ({
      from: stages[at]?.host ?? '',
      to: host,
      megabitsPerSecond: (calibration?.links[at]?.bitsPerSecond ?? 1e9) / 1e6,
      perMessageMilliseconds: 1000 * (calibration?.links[at]?.perMessageSeconds ?? 0),
    })),
    source: stages[0]?.host,
    sink: stages.at(-1)?.host,
  });
  if (calibration === null) return cluster;
  return { ...cluster, links: cluster.links.map((link) => ({ ...link, rate: tracedRate(own, link) })) };
}

/** Of a link that follows a recording: the recording, times the share of its first rate that the probe found. */
function tracedRate({ scenario }: PipelineCase, { from, to, rate }: Cluster['links'][number]): Rate {
  const own = scenario.links.find(({ between }) => between.includes(from) && between.includes(to));
  const points = own?.trace === undefined ? null : readLinkTrace(own.trace);
  if (points === null || own?.megabitsPerSecond === undefined || rate.kind !== 'constant') return rate;
  const share = rate.bitsPerSecond / (own.megabitsPerSecond * 1e6);
  return {
    kind: 'trace',
    loop: false,
    points: points.map((point) => ({
      seconds: point.seconds,
      bitsPerSecond: bitsPerSecond(shapedMegabits(point) * 1e6 * share),
    })),
  };
}
