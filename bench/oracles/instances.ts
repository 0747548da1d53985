import {
  bytes,
  createEvaluator,
  elements,
  type Objective,
  type Plan,
  type Problem,
  planOf,
  planWays,
  type Random,
  randomProblem,
} from '@tandem/core';
import { plansOf, wholeOn } from './families.ts';
import type { Subject } from './subjects.ts';

/** A problem and the same with memory for everything. */
export interface Instance {
  readonly problem: Problem;
  readonly roomy: Problem;
}

const kinds = ['chain', 'series-parallel', 'general', 'general'] as const;
const plenty = bytes(2 ** 40);
/** Placements of one instance at most. */
const mostPlacements = 3000;
/** Batches are dearer to price. */
const mostBatches = 500;
const batch = 3;
const mostNodes = 14;

/** By what a subject places: how many placements an instance has, where that limits it. */
const sizes = {
  cuts: () => 0,
  elements: ({ graph, cluster }: Problem) =>
    cluster.devices.length ** elements(graph).length / mostPlacements,
  nodes: ({ graph, cluster }: Problem) => cluster.devices.length ** graph.nodes.length / mostPlacements,
  batches: ({ graph, cluster }: Problem) =>
    ((cluster.devices.length - 1) * (elements(graph).length + 1) ** batch) / mostBatches,
} satisfies Record<Subject['places'], (problem: Problem) => number>;

/**
 * Up to 14 nodes (fewer where all placements or batches of 3 requests are listed) on 2 or 3 devices, with tensors that several read, nodes without work, equal
 * times, missing links, and answers wanted elsewhere. Memory is 1.00 to 1.05 times what some placement of the subject's family takes on each of its
 * devices, and on the others 0.3 to 1.3 times what the whole takes. The same `random` gives the same instance.
 */
export function randomInstance(random: Random, subject: Subject): Instance {
  for (;;) {
    const devices = 2 + random.integer(2);
    const drawn = randomProblem(random, {
      graph: { kind: kinds[random.integer(kinds.length)] ?? 'general', nodes: 1 + random.integer(mostNodes) },
      devices,
      missingLinks: 0.15,
      elsewhere: 0.25,
      rawInputStays: 0.1,
    });
    if (drawn.graph.nodes.length > mostNodes || sizes[subject.places](drawn) > 1) continue;
    const adapted = subject.adapted?.(drawn, random.split('adapted')) ?? drawn;
    const problem = asked(adapted, { kind: subject.objective });
    const roomy = withMemory(problem, () => plenty);
    const family = plansOf(subject.family, roomy);
    const chosen = family[random.integer(family.length)];
    return { problem: withMemory(problem, needOf(roomy, chosen, random)), roomy };
  }
}

/** Of a batch that is to end soon there are a few requests. */
function asked(problem: Problem, objective: Objective): Problem {
  if (objective.kind !== 'makespan') return { ...problem, objective };
  return {
    ...problem,
    objective,
    workload: { ...problem.workload, arrivals: { kind: 'batch', requests: batch } },
  };
}

function needOf(roomy: Problem, chosen: Plan | undefined, random: Random): (device: string) => number {
  const evaluator = createEvaluator(roomy);
  const needs = (plan: Plan, device: string): number => {
    const { devices } = evaluator.evaluate(plan);
    return devices.find((row) => row.device === device)?.memoryBytes ?? 0;
  };
  const stages = chosen === undefined ? [] : planWays(roomy, chosen).ways.flatMap((way) => way.stages);
  return (device) => {
    const isUsed = stages.some((stage) => stage.device === device && stage.nodes.length > 0);
    const spare = random.next() < 0.5 ? 1 : 1 + 0.05 * random.next();
    return chosen !== undefined && isUsed
      ? needs(chosen, device) * spare
      : needs(planOf(roomy, '', wholeOn(roomy, device), 'instance'), device) * (0.3 + random.next());
  };
}

function withMemory(problem: Problem, need: (device: string) => number): Problem {
  const devices = problem.cluster.devices.map((device) => ({
    ...device,
    memoryBytes: bytes(Math.ceil(need(device.id))),
  }));
  const hosts = problem.cluster.hosts.map((host) => ({ ...host, memoryBytes: plenty }));
  return { ...problem, cluster: { ...problem.cluster, devices, hosts } };
}
