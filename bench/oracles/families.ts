import {
  allCuts,
  type Cut,
  elements,
  type Graph,
  type NodeId,
  type Plan,
  type Problem,
  planOf,
  prefixCuts,
  type Stage,
  stagesOfDevices,
} from '@tandem/core';

/** Every placement that a planner may choose from, listed without its help; what crosses travels raw, unless it is a whole plan. */
export type Family = (problem: Problem) => Iterable<readonly Stage[] | Plan>;

/** Placements alone. */
export type StageFamily = (problem: Problem) => Iterable<readonly Stage[]>;

export function plansOf(family: Family, problem: Problem): readonly Plan[] {
  return [...family(problem)].map((one) => ('stages' in one ? one : planOf(problem, '', one, 'oracle')));
}

export const idsOf = ({ cluster }: Problem): readonly string[] => cluster.devices.map(({ id }) => id);

export const wholeOn = (problem: Problem, device: string): Stage[] => [
  { device, nodes: problem.graph.nodes.map(({ id }) => id) },
];

export const onSource: StageFamily = (problem) => [wholeOn(problem, problem.workload.source)];

export const onOneServer: StageFamily = (problem) =>
  idsOf(problem)
    .filter((id) => id !== problem.workload.source)
    .map((id) => wholeOn(problem, id));

/** Cuts that one tensor crosses, nothing and everything. */
export const thinCutsToServers: StageFamily = (problem) => cutsToServers(problem, thinCuts(problem.graph));

export function thinCuts(graph: Graph): readonly Cut[] {
  const size = graph.nodes.length;
  return allCuts(graph).filter(
    ({ nodes, boundary }) => nodes.length === 0 || nodes.length === size || boundary.length === 1,
  );
}

export const prefixCutsToServers: StageFamily = (problem) =>
  cutsToServers(problem, prefixCuts(problem.graph));

export const allCutsToServers: StageFamily = (problem) => cutsToServers(problem, allCuts(problem.graph));

export const allCutsBetweenAll: StageFamily = function* (problem) {
  const cuts = allCuts(problem.graph);
  for (const first of idsOf(problem))
    for (const second of idsOf(problem))
      if (first !== second) yield* cutsBetween(problem, cuts, first, second);
};

/** The chain of elements in runs on different devices, in any order of them. */
export const runsOnDevices: StageFamily = (problem) => runsFrom(chainOf(problem), idsOf(problem));

/** Each element of the chain on any device, again after others too. */
export const placementsOfChain: StageFamily = (problem) => placements(problem, chainOf(problem));

export const allPlacements: StageFamily = (problem) =>
  placements(
    problem,
    problem.graph.nodes.map(({ id }) => [id]),
  );

const chainOf = ({ graph }: Problem): readonly (readonly NodeId[])[] =>
  elements(graph).map(({ nodes }) => nodes);

type CutNodes = readonly { readonly nodes: readonly NodeId[] }[];

export function* cutsToServers(problem: Problem, cuts: CutNodes): Generator<readonly Stage[]> {
  const { source } = problem.workload;
  for (const id of idsOf(problem)) if (id !== source) yield* cutsBetween(problem, cuts, source, id);
}

export function* cutsBetween(
  problem: Problem,
  cuts: CutNodes,
  first: string,
  second: string,
): Generator<readonly Stage[]> {
  for (const { nodes } of cuts) {
    const before = new Set(nodes);
    const behind = problem.graph.nodes.map(({ id }) => id).filter((id) => !before.has(id));
    yield [
      { device: first, nodes },
      { device: second, nodes: behind },
    ];
  }
}

function* placements(problem: Problem, parts: readonly (readonly NodeId[])[]): Generator<readonly Stage[]> {
  const devices = idsOf(problem);
  const partOf = new Map(parts.flatMap((nodes, part) => nodes.map((node) => [node, part] as const)));
  const digit = (code: number, part: number): number =>
    Math.floor(code / devices.length ** part) % devices.length;
  for (let code = 0; code < devices.length ** parts.length; code++)
    yield stagesOfDevices(problem.graph, (node) => devices[digit(code, partOf.get(node) ?? 0)] ?? '');
}

function* runsFrom(
  chain: readonly (readonly NodeId[])[],
  free: readonly string[],
): Generator<readonly Stage[]> {
  if (chain.length === 0) yield [];
  for (const device of chain.length === 0 ? [] : free)
    for (let end = 1; end <= chain.length; end++) {
      const left = free.filter((other) => other !== device);
      for (const rest of runsFrom(chain.slice(end), left))
        yield [{ device, nodes: chain.slice(0, end).flat() }, ...rest];
    }
}
