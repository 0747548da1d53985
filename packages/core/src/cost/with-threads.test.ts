import { describe, expect, it } from 'vitest';
import type { Plan, Stage } from '../plan/plan.ts';
import { planOf } from '../plan/plan-of.ts';
import type { Problem } from '../plan/problem.ts';
import { randomProblem } from '../plan/random-problem.ts';
import { readPlan } from '../plan/read-plan.ts';
import { validatePlan } from '../plan/validate-plan.ts';
import { writePlan } from '../plan/write-plan.ts';
import { createRandom } from '../random.ts';
import { flopsPerSecond, seconds } from '../units.ts';
import { evaluate } from './evaluate.ts';

const drawn = randomProblem(createRandom(8), {
  graph: { kind: 'chain', nodes: 4 },
  devices: 2,
  tightMemory: 0,
});
const digest = 'a'.repeat(64);
const nodes = drawn.graph.nodes.map(({ id }) => id);
const names = drawn.graph.nodes.map(({ name }) => name);

/** Two devices of four threads each; what d0 takes with two of them was measured: a second a node. */
const problem: Problem = {
  ...drawn,
  cluster: { ...drawn.cluster, devices: drawn.cluster.devices.map((device) => ({ ...device, threads: 4 })) },
  profile: {
    rows: [],
    otherThreads: [
      {
        device: 'd0',
        threads: 2,
        rows: names.map((node) => ({ node, device: 'd0', seconds: seconds(1), source: 'measured' })),
      },
    ],
  },
};

const planWith = (stage: Partial<Stage>): Plan =>
  planOf(problem, digest, [{ device: 'd0', nodes, ...stage }], 'test');

describe('a stage with threads of its own', () => {
  it('takes what was measured with so many', () => {
    const report = evaluate(problem, planWith({ threads: 2 }));
    expect(report.stages[0]).toMatchObject({ computeSeconds: 4, source: 'measured' });
    expect(evaluate(problem, planWith({ threads: 4 }))).toEqual(evaluate(problem, planWith({})));
  });

  it('takes, where nothing was measured, what the roofline says of so many operations a second', () => {
    const quarter = evaluate(problem, planWith({ threads: 1 }));
    const slow = problem.cluster.devices.map((device) => ({
      ...device,
      flopsPerSecond: flopsPerSecond(device.flopsPerSecond / 4),
    }));
    const expected = evaluate({ ...problem, cluster: { ...problem.cluster, devices: slow } }, planWith({}));
    expect(quarter.stages[0]).toEqual(expected.stages[0]);
    expect(quarter.source).toBe('roofline');
  });

  it('comes back from its file with its processors', () => {
    const plan = planWith({ threads: 2, cpus: [3, 1] });
    expect(validatePlan(problem, plan)).toEqual([]);
    expect(readPlan(writePlan(plan), problem, digest)).toEqual(plan);
  });

  it.each<[Partial<Stage>, RegExp]>([
    [{ threads: 0 }, /Stage 0 has 0 threads, expected a whole number/],
    [{ threads: 5 }, /Stage 0 has 5 threads, and 'd0' 4, expected at most those/],
    [{ cpus: [] }, /held to the processors \[\]/],
    [{ cpus: [1, 1] }, /held to the processors \[1, 1\]/],
    [{ cpus: [-1] }, /held to the processors \[-1\]/],
  ])('is refused with %j', (stage, message) => {
    expect(validatePlan(problem, planWith(stage)).join('\n')).toMatch(message);
  });
});
