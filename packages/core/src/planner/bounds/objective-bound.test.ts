import { describe, expect, it } from 'vitest';
import { createEvaluator } from '../../cost/evaluate.ts';
import { objectiveValue } from '../../cost/objective-value.ts';
import type { Report } from '../../cost/report.ts';
import { elements } from '../../graph/elements.ts';
import { planOf } from '../../plan/plan-of.ts';
import type { Objective, Problem } from '../../plan/problem.ts';
import { randomProblem } from '../../plan/random-problem.ts';
import { stagesOfDevices } from '../../plan/stages-of-devices.ts';
import { createRandom, type Random } from '../../random.ts';
import { objectiveBounds } from './objective-bound.ts';

const kinds = ['chain', 'series-parallel', 'general'] as const;

/** Where memory, missing links and a sink elsewhere often decide, and some convolutions are rewritten when they are loaded. */
function problemOf(random: Random, objective: Objective): Problem {
  const problem = randomProblem(random, {
    graph: { kind: kinds[random.integer(3)] ?? 'general', nodes: 1 + random.integer(6), folded: 0.3 },
    devices: 2 + random.integer(2),
    missingLinks: 0.15,
    bursts: 0.3,
    tightMemory: 0.8,
    elsewhere: 0.25,
    rawInputStays: 0.15,
  });
  const nodes = problem.graph.nodes.map((node) => ({
    ...node,
    domain: '',
    op: node.foldedInto === null ? 'Conv' : 'BatchNormalization',
  }));
  return { ...problem, objective, graph: { ...problem.graph, nodes } };
}

/** The best feasible report of all ways to place parts of the graph on devices. */
function bestOf(problem: Problem, parts: readonly (readonly number[])[]): Report | null {
  const evaluator = createEvaluator(problem);
  const devices = problem.cluster.devices.map(({ id }) => id);
  const partOf = new Map(parts.flatMap((nodes, part) => nodes.map((node) => [node, part] as const)));
  let best: Report | null = null;
  for (let code = 0; code < devices.length ** parts.length; code++) {
    const stages = stagesOfDevices(
      problem.graph,
      (node) => devices[Math.floor(code / devices.length ** (partOf.get(node) ?? 0)) % devices.length] ?? '',
    );
    const report = evaluator.evaluate(planOf(problem, '', stages, 'oracle'));
    if (report.violations.length > 0) continue;
    const value = objectiveValue(problem.objective, report);
    if (best === null || value < objectiveValue(problem.objective, best)) best = report;
  }
  return best;
}

describe.each(['latency', 'period'] as const)('objectiveBounds by %s', (kind) => {
  it('are nowhere above the best of all placements and the best of the chain, and often meet it', async () => {
    const counts = { problems: 0, bound: 0, chain: 0 };
    for (let seed = 0; seed < 250; seed++) {
      const problem = problemOf(createRandom(seed), { kind });
      const nodes = problem.graph.nodes.map(({ id }) => [id]);
      const all = bestOf(problem, nodes);
      const chain = bestOf(
        problem,
        elements(problem.graph).map((element) => element.nodes),
      );
      if (all === null || chain === null) continue;
      const [best, bestOfChain] = [all, chain].map((report) => objectiveValue(problem.objective, report));
      for (const known of [
        all,
        chain,
        { ...chain, latencySeconds: chain.latencySeconds * 3, periodSeconds: chain.periodSeconds * 3 },
      ]) {
        const bounds = await objectiveBounds(problem, known as Report, async () => {});
        expect(bounds?.bound.value, `seed ${seed}`).toBeLessThanOrEqual((best ?? 0) * (1 + 1e-9));
        expect(bounds?.chainBound.value, `seed ${seed}`).toBeLessThanOrEqual((bestOfChain ?? 0) * (1 + 1e-9));
        if (known !== chain) continue;
        counts.problems++;
        if ((bounds?.bound.value ?? 0) >= (best ?? 0) * 0.95) counts.bound++;
        if ((bounds?.chainBound.value ?? 0) >= (bestOfChain ?? 0) * 0.95) counts.chain++;
      }
    }
    expect(counts.problems).toBeGreaterThan(100);
    expect(counts.bound / counts.problems).toBeGreaterThan(0.6);
    expect(counts.chain / counts.problems).toBeGreaterThan(0.7);
  });
});
