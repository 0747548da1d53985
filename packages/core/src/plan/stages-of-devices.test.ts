import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { planOf } from './plan-of.ts';
import { randomProblem } from './random-problem.ts';
import { stagesOfDevices } from './stages-of-devices.ts';
import { validatePlan } from './validate-plan.ts';

function problemAt(seed: number, nodes: number) {
  return randomProblem(createRandom(seed), { graph: { nodes, folded: 0.2 }, devices: 3 });
}

describe('stagesOfDevices', () => {
  it('is one stage where all nodes are on one device', () => {
    const { graph } = problemAt(1, 7);
    expect(stagesOfDevices(graph, () => 'd1')).toEqual([
      { device: 'd1', nodes: graph.nodes.map(({ id }) => id) },
    ]);
  });

  it('makes a valid plan of any placement, with every root where it was placed', () => {
    const seed = fc.integer({ min: 0, max: 1e6 });
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 12 }), (given, nodes) => {
        const problem = problemAt(given, nodes);
        const random = createRandom(given);
        const placed = problem.graph.nodes.map(() => `d${random.integer(3)}`);
        const stages = stagesOfDevices(problem.graph, (node) => placed[node] ?? 'd0');
        expect(validatePlan(problem, planOf(problem, '', stages, 'test'))).toEqual([]);
        for (const { device, nodes: own } of stages)
          for (const node of own) expect(placed[problem.graph.nodes[node]?.foldedInto ?? node]).toBe(device);
        for (const [index, { device }] of stages.entries())
          expect(stages[index + 1]?.device).not.toBe(device);
      }),
      { numRuns: 300, seed: 3 },
    );
  });
});
