import { describe, it } from 'vitest';
import { allCuts } from '../graph/all-cuts.ts';
import { prefixCuts } from '../graph/cut.ts';
import type { Cut } from '../graph/graph.ts';
import type { Stage } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { plannerConformance, type TestFunctions } from './conformance.ts';
import { planners } from './planners.ts';

const test: TestFunctions = {
  describe,
  it,
  abortable: () => {
    const controller = new AbortController();
    return { signal: controller.signal, abort: (reason) => controller.abort(reason) };
  },
};

function* cutsToServers(problem: Problem, cuts: readonly Cut[]): Generator<Stage[]> {
  for (const { id } of problem.cluster.devices) {
    if (id !== problem.workload.source) yield* cutsBetween(problem, cuts, problem.workload.source, id);
  }
}

function* cutsBetween(
  problem: Problem,
  cuts: readonly Cut[],
  first: string,
  second: string,
): Generator<Stage[]> {
  for (const { nodes } of cuts) {
    const behind = problem.graph.nodes.map(({ id }) => id).filter((id) => !nodes.includes(id));
    yield [
      { device: first, nodes },
      { device: second, nodes: behind },
    ];
  }
}

function* cutsBetweenAll(problem: Problem): Generator<Stage[]> {
  const cuts = allCuts(problem.graph);
  for (const first of problem.cluster.devices) {
    for (const second of problem.cluster.devices) {
      if (first !== second) yield* cutsBetween(problem, cuts, first.id, second.id);
    }
  }
}

/** The cuts at which a person would see one arrow, found among all cuts. */
function thinCuts(problem: Problem): readonly Cut[] {
  const size = problem.graph.nodes.length;
  return allCuts(problem.graph).filter(
    ({ nodes, boundary }) => nodes.length === 0 || nodes.length === size || boundary.length === 1,
  );
}

const wholeOn = (problem: Problem, device: string): Stage[] => [
  { device, nodes: problem.graph.nodes.map(({ id }) => id) },
];

plannerConformance(
  {
    planner: planners['all-local'],
    exact: true,
    family: (problem) => [wholeOn(problem, problem.workload.source)],
  },
  test,
);

plannerConformance(
  {
    planner: planners['all-server'],
    exact: true,
    family: (problem) => problem.cluster.devices.slice(1).map(({ id }) => wholeOn(problem, id)),
  },
  test,
);

plannerConformance(
  {
    planner: planners['neurosurgeon-chain'],
    exact: true,
    family: (problem) => cutsToServers(problem, thinCuts(problem)),
  },
  test,
);

plannerConformance(
  {
    planner: planners['neurosurgeon-topo'],
    exact: true,
    family: (problem) => cutsToServers(problem, prefixCuts(problem.graph)),
  },
  test,
);

plannerConformance({ planner: planners.exhaustive, exact: true, family: cutsBetweenAll }, test);
