import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { seconds } from '../units.ts';
import { mixedPlan } from './mix.ts';
import type { Plan, Stage } from './plan.ts';
import { planOf } from './plan-of.ts';
import type { Problem } from './problem.ts';
import { randomProblem } from './random-problem.ts';
import { readPlan } from './read-plan.ts';
import { validatePlan } from './validate-plan.ts';
import { writePlan } from './write-plan.ts';

const digest = 'a'.repeat(64);
const drawn = randomProblem(createRandom(8), {
  graph: { kind: 'chain', nodes: 4 },
  devices: 2,
  tightMemory: 0,
});
const nodes = drawn.graph.nodes.map(({ id }) => id);
const problem: Problem = { ...drawn, batchable: nodes };
const planWith = (stage: Partial<Stage>): Plan =>
  planOf(problem, digest, [{ device: 'd0', nodes, ...stage }], 'test');

describe('a plan whose stage executes requests together', () => {
  it.each<Partial<Stage>>([
    { batch: 4 },
    { batch: 32, batchWaitSeconds: seconds(0.5) },
    {
      batch: 2,
      replicas: [
        { device: 'd0', weight: 1 },
        { device: 'd1', weight: 1 },
      ],
    },
  ])('comes back from its file with %j', (stage) => {
    const plan = planWith(stage);
    expect(validatePlan(problem, plan)).toEqual([]);
    expect(readPlan(writePlan(plan), problem, digest)).toEqual(plan);
  });

  it.each<[Partial<Stage>, RegExp]>([
    [{ batch: 1 }, /Stage 0 executes 1 requests together, expected a whole number from 2 to 32/],
    [{ batch: 33 }, /executes 33 requests together/],
    [{ batch: 2.5 }, /executes 2.5 requests together/],
    [{ batch: 2, batchWaitSeconds: seconds(7200) }, /Stage 0 waits 7200 s for a batch, expected a time/],
    [{ batchWaitSeconds: seconds(1) }, /Stage 0 waits 1 s for a batch, and has none/],
  ])('is refused with %j', (stage, message) => {
    expect(validatePlan(problem, planWith(stage)).join('\n')).toMatch(message);
  });

  it('is refused where a node of it may mix requests', () => {
    const some = { ...problem, batchable: nodes.slice(1) };
    expect(validatePlan(some, planWith({ batch: 2 })).join()).toMatch(/node 0 is not known to keep the rows/);
    expect(validatePlan(drawn, planWith({ batch: 2 })).join()).toMatch(
      /node 0 is not known to keep the rows/,
    );
    expect(validatePlan(some, planWith({}))).toEqual([]);
  });

  it('is refused beside a mix and policies', () => {
    const [batched, plain] = [planWith({ batch: 2 }), planWith({})];
    expect(validatePlan(problem, mixedPlan([plain, batched], [0, 1])).join()).toMatch(/batches and a mix/);
    expect(validatePlan(problem, { ...batched, policies: {} }).join()).toMatch(/batches and policies/);
  });
});
