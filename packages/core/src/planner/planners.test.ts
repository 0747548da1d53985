import { describe, it } from 'vitest';
import type { Device } from '../cluster/cluster.ts';
import { allCuts } from '../graph/all-cuts.ts';
import { prefixCuts } from '../graph/cut.ts';
import { elements } from '../graph/elements.ts';
import type { Cut, Graph, Tensor } from '../graph/graph.ts';
import { mixedPlan } from '../plan/mix.ts';
import { partAtExits } from '../plan/part-at-exits.ts';
import { partForOverlap } from '../plan/part-for-overlap.ts';
import type { Plan, Stage } from '../plan/plan.ts';
import { planOf } from '../plan/plan-of.ts';
import { type Objective, type Problem, requestsOf } from '../plan/problem.ts';
import { randomExits } from '../plan/random-exits.ts';
import { randomProblem } from '../plan/random-problem.ts';
import { stagesOfDevices } from '../plan/stages-of-devices.ts';
import { type TransferCodec, transferBytes } from '../plan/transfer-codec.ts';
import type { Random } from '../random.ts';
import { bytes } from '../units.ts';
import {
  type CodedStages,
  type PlannerSetup,
  plannerConformance,
  plannerProblem,
  type TestFunctions,
} from './conformance.ts';
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

type Way = readonly Stage[] | CodedStages;

/** All requests of the batch by one of the ways to a server, or each by one of two, in every order. */
function* batchesToServers(problem: Problem, waysTo: (server: string) => readonly Way[]): Generator<Plan> {
  for (const ways of waysToServers(problem, waysTo)) {
    for (const [at, way] of ways.entries()) {
      yield way;
      for (const other of ways.slice(at + 1)) yield* batchesOf(problem, [way, other]);
    }
  }
}

/** Each request of the batch by any of the ways to a server. */
function* allBatchesToServers(problem: Problem, waysTo: (server: string) => readonly Way[]): Generator<Plan> {
  for (const ways of waysToServers(problem, waysTo)) yield* batchesOf(problem, ways);
}

function waysToServers(problem: Problem, waysTo: (server: string) => readonly Way[]): Plan[][] {
  const servers = problem.cluster.devices.filter(({ id }) => id !== problem.workload.source);
  return servers.map(({ id }) =>
    waysTo(id).map((way) => {
      const { stages, ...options } = 'codecOf' in way ? way : { stages: way };
      return planOf(problem, '', stages, 'oracle', options);
    }),
  );
}

function* batchesOf(problem: Problem, [first, ...others]: readonly Plan[]): Generator<Plan> {
  if (first === undefined) return;
  const count = 1 + others.length;
  const requests = requestsOf(problem.workload);
  for (let code = 0; code < count ** requests; code++)
    yield mixedPlan(
      [first, ...others],
      Array.from({ length: requests }, (_, at) => Math.floor(code / count ** at) % count),
    );
}

const thinWays =
  (problem: Problem) =>
  (server: string): readonly Way[] => [
    ...cutsBetween(problem, thinCuts(problem), problem.workload.source, server),
  ];

const codedWays =
  (problem: Problem, bits: 6 | 8) =>
  (server: string): readonly Way[] =>
    coded(problem, cutsBetween(problem, thinCuts(problem), problem.workload.source, server), () => ({
      kind: 'affine',
      bits,
      perChannel: false,
    }));

const wholeOn = (problem: Problem, device: string): Stage[] => [
  { device, nodes: problem.graph.nodes.map(({ id }) => id) },
];

const setups: readonly PlannerSetup[] = [
  {
    planner: planners['all-local'],
    exact: true,
    family: (problem) => [wholeOn(problem, problem.workload.source)],
  },
  {
    planner: planners['all-server'],
    exact: true,
    family: (problem) => problem.cluster.devices.slice(1).map(({ id }) => wholeOn(problem, id)),
  },
  {
    planner: planners['neurosurgeon-chain'],
    exact: true,
    family: (problem) => cutsToServers(problem, thinCuts(problem)),
  },
  {
    planner: planners['neurosurgeon-topo'],
    exact: true,
    family: (problem) => cutsToServers(problem, prefixCuts(problem.graph)),
  },
  { planner: planners.exhaustive, exact: true, family: cutsBetweenAll },
  {
    planner: planners['compressed-input'],
    exact: true,
    problem: pictureProblem,
    family: (problem) =>
      coded(
        problem,
        problem.cluster.devices.slice(1).map(({ id }) => wholeOn(problem, id)),
        ({ producer }) => (producer === 'input' ? { kind: 'picture', bitsPerElement: 1.5 } : { kind: 'raw' }),
      ),
  },
  {
    planner: planners.spinn,
    exact: true,
    problem: rectifiedProblem,
    family: (problem) =>
      coded(problem, cutsToServers(problem, afterRectifiers(problem)), () => ({
        kind: 'affine',
        bits: 8,
        perChannel: false,
      })),
  },
  {
    planner: planners.spinn,
    exact: true,
    problem: exitProblem,
    family: cutsAndExits,
  },
  ...[planners['dads-light'], planners['dads-heavy']].map(
    (planner): PlannerSetup => ({
      planner,
      exact: false,
      family: (problem) => cutsToServers(problem, allCuts(problem.graph)),
    }),
  ),
  ...[planners['jps-adjacent'], planners['jps-hull']].map(
    (planner): PlannerSetup => ({
      planner,
      exact: false,
      family: (problem) => batchesToServers(problem, thinWays(problem)),
    }),
  ),
  ...[planners['jps-adjacent-q8'], planners['jps-hull-q8']].map(
    (planner): PlannerSetup => ({
      planner,
      exact: false,
      family: (problem) => batchesToServers(problem, codedWays(problem, 8)),
    }),
  ),
  {
    planner: planners['coach-mix'],
    exact: false,
    // As for coach.
    family: (problem) => batchesToServers(problem, codedWays(problem, 6)),
  },
  ...[planners.coach, planners['coach-lex']].map(
    (planner): PlannerSetup => ({
      planner,
      exact: false,
      // The fewest bits that lose at most 0.5 % each, as assumed where nothing was measured: no more than those of any plan.
      family: (problem) =>
        coded(
          problem,
          [...cutsToServers(problem, allCuts(problem.graph))].map((stages) =>
            partForOverlap(problem, stages),
          ),
          () => ({ kind: 'affine', bits: 6, perChannel: false }),
        ),
    }),
  ),
  {
    planner: planners['dads-published'],
    exact: false,
    problem: smallProblem,
    family: (problem) =>
      problem.cluster.devices.slice(1).flatMap(({ id }) => [...placements(problem, ['d0', id])]),
  },
  {
    planner: planners['throughput-optimal'],
    exact: false,
    family: splitsOfChain,
  },
  {
    planner: planners.auto,
    exact: false,
    problem: smallProblem,
    family: (problem) =>
      placements(
        problem,
        problem.cluster.devices.map(({ id }) => id),
      ),
  },
  ...[planners.coinfer, planners['coinfer-tpe']].map(
    (planner): PlannerSetup => ({ planner, exact: false, problem: smallProblem, family: placementsOfChain }),
  ),
  {
    planner: planners['even-split'],
    exact: false,
    family: (problem) =>
      [...piecesOfChain(problem.graph, problem.cluster.devices)].filter((stages) => isEven(problem, stages)),
  },
  {
    planner: planners['memory-proportional'],
    exact: false,
    family: (problem) => {
      const devices = [...problem.cluster.devices];
      devices.sort((left, right) => right.memoryBytes - left.memoryBytes);
      return piecesOfChain(problem.graph, devices);
    },
  },
];

/** Problems whose input is a picture of a few pixels. */
function pictureProblem(random: Random): Problem {
  const problem = plannerProblem(random);
  const { graph } = problem;
  const tensors = graph.tensors.map((tensor) => {
    const pixels = 1 + random.integer(100);
    return tensor.producer === 'input'
      ? { ...tensor, shape: [1, 3, 1, pixels], bytes: bytes(12 * pixels) }
      : tensor;
  });
  return { ...problem, graph: { ...graph, tensors } };
}

/** Problems in which about every other node is a rectifier, and some tensors are no float32. */
function rectifiedProblem(random: Random): Problem {
  const problem = plannerProblem(random);
  const { graph } = problem;
  const nodes = graph.nodes.map((node) => (random.next() < 0.5 ? { ...node, op: 'Relu', domain: '' } : node));
  const tensors = graph.tensors.map((tensor) =>
    random.next() < 0.2 ? { ...tensor, type: 'int32' as const } : tensor,
  );
  return { ...problem, graph: { ...graph, nodes, tensors } };
}

/** The same with exits, where the graph has a place for any, and now and then a limit to what they and codecs may cost. */
function exitProblem(random: Random): Problem {
  const problem = rectifiedProblem(random);
  const exits = randomExits(random, problem.graph);
  const accuracyLoss = 0.002 + random.integer(8) / 1000;
  const constraints = random.next() < 0.5 ? problem.constraints : { ...problem.constraints, accuracyLoss };
  return exits === null ? problem : { ...problem, constraints, exits };
}

/** Every cut with every setting of the exits and with none. */
function* cutsAndExits(problem: Problem): Generator<CodedStages> {
  const whole = coded(problem, cutsToServers(problem, afterRectifiers(problem)), () => ({
    kind: 'affine',
    bits: 8,
    perChannel: false,
  }));
  for (const { stages, codecOf } of whole) {
    yield { stages, codecOf };
    for (const exits of problem.exits?.settings ?? []) {
      yield { stages: partAtExits(problem, stages, exits.points), codecOf, policies: { exits } };
    }
  }
}

/** None or all of the graph, or one tensor crosses that a rectifier yields, itself or through what is folded into it. */
function afterRectifiers(problem: Problem): readonly Cut[] {
  const { nodes, tensors } = problem.graph;
  return thinCuts(problem).filter((cut) => {
    if (cut.nodes.length === 0 || cut.nodes.length === nodes.length) return true;
    const producer = tensors[cut.boundary[0] ?? -1]?.producer;
    const node = nodes[typeof producer === 'number' ? producer : -1];
    const root = node?.foldedInto == null ? node : nodes[node.foldedInto];
    return root?.op === 'Relu';
  });
}

/** The same stages; tensors other than answers are coded where that saves bytes. */
function coded(
  problem: Problem,
  family: Iterable<readonly Stage[]>,
  codecOf: (tensor: Tensor) => TransferCodec,
): CodedStages[] {
  return [...family].map((stages) => ({
    stages,
    codecOf: ({ tensor: id }) => {
      const tensor = problem.graph.tensors[id];
      if (tensor?.type !== 'float32' || problem.graph.outputs.includes(id)) return { kind: 'raw' };
      const codec = codecOf(tensor);
      return transferBytes(tensor, codec) < tensor.bytes ? codec : { kind: 'raw' };
    },
  }));
}

const objectives: readonly Objective[] = [
  { kind: 'latency' },
  { kind: 'period' },
  { kind: 'makespan' },
  { kind: 'energy' },
  {
    kind: 'weighted',
    terms: [
      { figure: 'latencySeconds', weight: 1, reference: 2 },
      { figure: 'energyJoules', weight: 0.5, reference: 3 },
    ],
  },
  { kind: 'lexicographic', figures: ['periodSeconds', 'energyJoules'] },
];

for (const setup of setups) {
  for (const objective of objectives) plannerConformance({ ...setup, objective }, test);
}

/** Of one objective alone. */
const batchSetups: readonly PlannerSetup[] = [
  { planner: planners['jps-exact'], ways: thinWays },
  { planner: planners['jps-exact-q8'], ways: (problem: Problem) => codedWays(problem, 8) },
].map(({ planner, ways }) => ({
  planner,
  // Where memory is short the best batch may not fit, and the best that does is not sought.
  exact: false,
  problem: smallProblem,
  objective: { kind: 'makespan' },
  family: (problem) => allBatchesToServers(problem, ways(problem)),
}));

for (const setup of batchSetups) plannerConformance(setup, test);

/** Few enough nodes to try every placement of each. */
function smallProblem(random: Random): Problem {
  return randomProblem(random, {
    graph: { kind: 'general', nodes: 1 + random.integer(6) },
    devices: 2 + random.integer(2),
    missingLinks: 0.15,
    tightMemory: 0.3,
    elsewhere: 0.25,
  });
}

/** Every node on every one of the devices. */
function* placements({ graph }: Problem, devices: readonly string[]): Generator<Stage[]> {
  const count = devices.length ** graph.nodes.length;
  for (let code = 0; code < count; code++)
    yield stagesOfDevices(
      graph,
      (node) => devices[Math.floor(code / devices.length ** node) % devices.length] ?? '',
    );
}

/** Every way to cut the chain of elements into consecutive pieces, one a device in this order, empty ones allowed. */
function* piecesOfChain(graph: Graph, devices: readonly Device[], start: number = 0): Generator<Stage[]> {
  const chain = elements(graph);
  const [first, ...others] = devices;
  if (first === undefined) return;
  const last = others.length === 0;
  for (let end = last ? chain.length : start; end <= chain.length; end++) {
    const stage = { device: first.id, nodes: chain.slice(start, end).flatMap(({ nodes }) => nodes) };
    if (last) yield [stage];
    else for (const rest of piecesOfChain(graph, others, end)) yield [stage, ...rest];
  }
}

/** Every element of the chain on every device; neighbours on one device are one stage. */
function* placementsOfChain({ graph, cluster }: Problem): Generator<Stage[]> {
  const chain = elements(graph);
  const devices = cluster.devices.map(({ id }) => id);
  for (let code = 0; code < devices.length ** chain.length; code++) {
    const stages: { device: string; nodes: number[] }[] = [];
    for (const [at, { nodes }] of chain.entries()) {
      const device = devices[Math.floor(code / devices.length ** at) % devices.length] ?? '';
      const last = stages.at(-1);
      if (last?.device === device) last.nodes.push(...nodes);
      else stages.push({ device, nodes: [...nodes] });
    }
    yield stages;
  }
}

/** Every way to cut the chain of elements into runs on different devices, in any order of them. */
function* splitsOfChain({ graph, cluster }: Problem): Generator<Stage[]> {
  for (const order of permutations(cluster.devices)) yield* piecesOfChain(graph, order);
}

function* permutations<Item>(items: readonly Item[]): Generator<Item[]> {
  if (items.length === 0) yield [];
  for (const [at, item] of items.entries())
    for (const rest of permutations(items.toSpliced(at, 1))) yield [item, ...rest];
}

function isEven({ graph }: Problem, stages: readonly Stage[]): boolean {
  const chain = elements(graph);
  const counts = stages.map(
    ({ nodes }) => chain.filter((element) => element.nodes.some((node) => nodes.includes(node))).length,
  );
  return Math.max(...counts) - Math.min(...counts) <= 1;
}
