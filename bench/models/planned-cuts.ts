import {
  bitsPerSecond,
  type Cluster,
  type Cut,
  choose,
  createRandom,
  cutOf,
  exampleCluster,
  type Graph,
  type Plan,
  problemDigest,
  problemOf,
} from '@tandem/core';
import { createSha256, systemClock } from '@tandem/node';

/** Where the planner cuts under one condition. */
export interface PlannedCut {
  /** Null = it does not split. */
  readonly cut: Cut | null;
  readonly when: string;
}

const megabits = [20, 100, 1000];

/** The cuts that the Neurosurgeon planners choose on the example cluster, its link at three rates. */
export function plannedCuts(graph: Graph, signal: AbortSignal): Promise<PlannedCut[]> {
  const conditions = megabits.flatMap((rate) => [
    { rate, stays: false },
    { rate, stays: true },
  ]);
  return Promise.all(
    conditions.map(async ({ rate, stays }) => ({
      cut: await planned(graph, withRate(exampleCluster(), rate), stays, signal),
      when: `${rate} Mbit/s${stays ? ', the raw input stays' : ''}`,
    })),
  );
}

async function planned(
  graph: Graph,
  cluster: Cluster,
  stays: boolean,
  signal: AbortSignal,
): Promise<Cut | null> {
  const problem = problemOf(graph, cluster, { neverLeaveRawInput: stays });
  const { planned: chosen } = await choose(problem, ['neurosurgeon-chain', 'neurosurgeon-topo'], {
    problemDigest: problemDigest(problem, createSha256),
    random: createRandom(1),
    clock: systemClock,
    signal,
  });
  return cutOfPlan(graph, chosen.plan);
}

function cutOfPlan(graph: Graph, { stages }: Plan): Cut | null {
  const [first] = stages;
  return stages.length === 2 && first !== undefined ? cutOf(graph, first.nodes) : null;
}

const withRate = (cluster: Cluster, rate: number): Cluster => ({
  ...cluster,
  links: cluster.links.map((link) => ({
    ...link,
    rate: { kind: 'constant', bitsPerSecond: bitsPerSecond(rate * 1e6) },
  })),
});
