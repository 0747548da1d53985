import {
  bytes,
  createEvaluator,
  elements,
  type Objective,
  type Problem,
  planOf,
  type Random,
  randomProblem,
  type Stage,
} from '@tandem/core';
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
const mostNodes = 14;

/**
 * Up to 14 nodes (fewer where every one is placed on each of 2 or 3 devices), with tensors that several read, nodes without work, equal
 * times, missing links, and answers wanted elsewhere. Memory is 1.00 to 1.05 times what some placement of the subject's family takes on each of its
 * devices, and on the others 0.3 to 1.3 times what the whole takes. The same `random` gives the same instance.
 */
export function randomInstance(random: Random, subject: Subject): Instance {
  for (;;) {
    const devices = 2 + random.integer(2);
    const problem = randomProblem(random, {
      graph: { kind: kinds[random.integer(kinds.length)] ?? 'general', nodes: 1 + random.integer(mostNodes) },
      devices,
      missingLinks: 0.15,
      elsewhere: 0.25,
      rawInputStays: 0.1,
    });
    const { nodes } = problem.graph;
    const parts = { cuts: 0, elements: elements(problem.graph).length, nodes: nodes.length }[subject.places];
    if (nodes.length > mostNodes || devices ** parts > mostPlacements) continue;
    const roomy = withMemory(problem, { kind: subject.objective }, () => plenty);
    const family = [...subject.family(roomy)];
    const chosen = family[random.integer(family.length)] ?? [];
    return { problem: withMemory(problem, roomy.objective, needOf(roomy, chosen, random)), roomy };
  }
}

function needOf(roomy: Problem, chosen: readonly Stage[], random: Random): (device: string) => number {
  const evaluator = createEvaluator(roomy);
  const needs = (stages: readonly Stage[], device: string): number => {
    const { devices } = evaluator.evaluate(planOf(roomy, '', stages, 'instance'));
    return devices.find((row) => row.device === device)?.memoryBytes ?? 0;
  };
  const nodes = roomy.graph.nodes.map(({ id }) => id);
  return (device) => {
    const isUsed = chosen.some((stage) => stage.device === device && stage.nodes.length > 0);
    const spare = random.next() < 0.5 ? 1 : 1 + 0.05 * random.next();
    return isUsed
      ? needs(chosen, device) * spare
      : needs([{ device, nodes }], device) * (0.3 + random.next());
  };
}

function withMemory(problem: Problem, objective: Objective, need: (device: string) => number): Problem {
  const devices = problem.cluster.devices.map((device) => ({
    ...device,
    memoryBytes: bytes(Math.ceil(need(device.id))),
  }));
  const hosts = problem.cluster.hosts.map((host) => ({ ...host, memoryBytes: plenty }));
  return { ...problem, objective, cluster: { ...problem.cluster, devices, hosts } };
}
