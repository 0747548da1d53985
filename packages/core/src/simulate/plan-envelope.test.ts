import { expect, it } from 'vitest';
import { evaluate } from '../cost/evaluate.ts';
import type { Plan } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { randomProblem } from '../plan/random-problem.ts';
import { stillContext } from '../planner/still-context.ts';
import { createRandom } from '../random.ts';
import { hertz, watts } from '../units.ts';
import { type EnvelopeGrid, planEnvelope } from './plan-envelope.ts';

/** Devices that cost least at their slowest clocks; the first does best alone, so all that plans differ in is its clock. */
const problem: Problem = (() => {
  const drawn = randomProblem(createRandom(3), {
    graph: { kind: 'chain', nodes: 4, idle: 0 },
    devices: 2,
    measured: 0,
    tightMemory: 0,
  });
  const devices = drawn.cluster.devices.map((device) => ({
    ...device,
    frequencies: { kind: 'levels' as const, levelsHertz: [4e8, 8e8].map(hertz) },
    power: {
      kind: 'law' as const,
      staticWatts: watts(0),
      idleWatts: watts(0),
      dynamicWattsAtMaximum: watts(4),
      exponent: 3,
    },
  }));
  return { ...drawn, objective: { kind: 'energy' }, cluster: { ...drawn.cluster, devices } };
})();

const envelope = (objectives: EnvelopeGrid['objectives']): Promise<readonly Plan[]> =>
  planEnvelope(problem, ['coinfer'], stillContext(), {
    grid: { rateFactors: [1], objectives, withoutDevices: false },
  });

it('begins with the best for the problem as it is, by its own objective', async () => {
  const [first, second, ...others] = await envelope(['latency']);
  if (first === undefined || second === undefined) throw new Error('there are fewer than two plans');
  expect(evaluate(problem, first).energyJoules).toBeLessThan(evaluate(problem, second).energyJoules ?? 0);
  expect([first.version, second.version]).toEqual([1, 2]);
  expect(others).toEqual([]);
});

it('keeps plans that differ in their clocks alone, and equal ones once', async () => {
  const plans = await envelope(['latency', 'energy']);
  expect(plans).toHaveLength(2);
  expect(plans[0]?.stages).toEqual(plans[1]?.stages);
  expect(plans[0]?.frequency).not.toEqual(plans[1]?.frequency);
});
