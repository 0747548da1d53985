import {
  allCuts,
  elements,
  type NodeId,
  type Problem,
  prefixCuts,
  type Stage,
  stagesOfDevices,
} from '@tandem/core';

/** Every placement that a planner may choose from, listed without its help. */
export type Family = (problem: Problem) => Iterable<readonly Stage[]>;

const idsOf = ({ cluster }: Problem): readonly string[] => cluster.devices.map(({ id }) => id);

const wholeOn = (problem: Problem, device: string): Stage[] => [
  { device, nodes: problem.graph.nodes.map(({ id }) => id) },
];

export const onSource: Family = (problem) => [wholeOn(problem, problem.workload.source)];

export const onOneServer: Family = (problem) =>
  idsOf(problem)
    .filter((id) => id !== problem.workload.source)
    .map((id) => wholeOn(problem, id));

/** Cuts that one tensor crosses, nothing and everything. */
export const thinCutsToServers: Family = (problem) => {
  const size = problem.graph.nodes.length;
  const isThin = ({ nodes, boundary }: { nodes: readonly NodeId[]; boundary: readonly number[] }): boolean =>
    nodes.length === 0 || nodes.length === size || boundary.length === 1;
  return cutsToServers(problem, allCuts(problem.graph).filter(isThin));
};

export const prefixCutsToServers: Family = (problem) => cutsToServers(problem, prefixCuts(problem.graph));

export const allCutsToServers: Family = (problem) => cutsToServers(problem, allCuts(problem.graph));

export const allCutsBetweenAll: Family = function* (problem) {
  const cuts = allCuts(problem.graph);
  for (const first of idsOf(problem))
    for (const second of idsOf(problem))
      if (first !== second) yield* cutsBetween(problem, cuts, first, second);
};

/** The chain of elements in runs on different devices, in any order of them. */
export const runsOnDevices: Family = (problem) => runsFrom(chainOf(problem), idsOf(problem));

/** Each element of the chain on any device, again after others too. */
export const placementsOfChain: Family = (problem) => placements(problem, chainOf(problem));

export const allPlacements: Family = (problem) =>
  placements(
    problem,
    problem.graph.nodes.map(({ id }) => [id]),
  );

const chainOf = ({ graph }: Problem): readonly (readonly NodeId[])[] =>
  elements(graph).map(({ nodes }) => nodes);

type CutNodes = readonly { readonly nodes: readonly NodeId[] }[];

function* cutsToServers(problem: Problem, cuts: CutNodes): Generator<readonly Stage[]> {
  const { source } = problem.workload;
  for (const id of idsOf(problem)) if (id !== source) yield* cutsBetween(problem, cuts, source, id);
}

function* cutsBetween(
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
