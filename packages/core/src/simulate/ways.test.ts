import { describe, expect, it } from 'vitest';
import { evaluate } from '../cost/evaluate.ts';
import { metricsOf } from '../metrics/metrics-of.ts';
import { mixedPlan } from '../plan/mix.ts';
import type { Plan, Replica, Stage } from '../plan/plan.ts';
import { planOf } from '../plan/plan-of.ts';
import { planWays } from '../plan/plan-ways.ts';
import type { Problem } from '../plan/problem.ts';
import { randomProblem } from '../plan/random-problem.ts';
import { validatePlan } from '../plan/validate-plan.ts';
import { createRandom, type Random } from '../random.ts';
import { scenarioOf } from './scenario-of.ts';
import { simulate } from './simulate.ts';

const devices = ['d0', 'd1', 'd2'];

const subject = (random: Random): Problem =>
  randomProblem(random.split('problem'), { graph: { nodes: 6 }, devices: 3, tightMemory: 0 });

/** Every node a stage of its own, some of them with replicas. */
function replicatedPlan(problem: Problem, random: Random): Plan {
  const stages = problem.graph.nodes.map(({ id }): Stage => {
    const order = devices.toSorted(() => random.next() - 0.5);
    const device = order[0] ?? '';
    if (random.next() < 0.5) return { device, nodes: [id] };
    const replicas = order
      .slice(0, 1 + random.integer(3))
      .map((other): Replica => ({ device: other, weight: 1 + random.integer(2) }));
    return { device, nodes: [id], replicas };
  });
  return planOf(problem, '', stages, 'test');
}

function randomMix(problem: Problem, random: Random): Plan {
  const way = (): Plan => {
    const stages = problem.graph.nodes.map(({ id }) => ({
      device: devices[random.integer(3)] ?? '',
      nodes: [id],
    }));
    return planOf(problem, '', stages, 'test');
  };
  return mixedPlan(
    [way(), way(), way()],
    Array.from({ length: 7 }, () => random.integer(3)),
  );
}

describe('requests that run in several ways', () => {
  it.each([
    ['replicas', replicatedPlan],
    ['a mix', randomMix],
  ])('occupy devices and links for %s as the cost model says', (_name, make) => {
    for (let seed = 0; seed < 40; seed++) {
      const random = createRandom(seed).split('ways');
      const problem = subject(random);
      const plan = make(problem, random);
      expect(validatePlan(problem, plan)).toEqual([]);
      const report = evaluate(problem, plan);
      const { pattern } = planWays(problem, plan);
      const requests = 2 * pattern.length;
      const queue = 1 + random.integer(3);
      const arrivals = { kind: 'batch', requests } as const;
      const metrics = metricsOf(simulate(scenarioOf(problem, plan, { arrivals, queue })));
      expect(metrics.requests.answered).toBe(requests);
      expect(metrics.bytesSent / requests).toBeCloseTo(report.bytesSent, 6);
      for (const { device, busySeconds } of report.devices) {
        const own = metrics.devices.find((other) => other.device === device);
        expect((own?.busySeconds ?? 0) / requests).toBeCloseTo(busySeconds, 9);
      }
    }
  });

  it('put on each replica its share of what the stage takes there, and all of its parameters', () => {
    const problem = subject(createRandom(1));
    const nodes = problem.graph.nodes.map(({ id }) => id);
    const replicas = [
      { device: 'd1', weight: 1 },
      { device: 'd2', weight: 3 },
    ];
    const shared = evaluate(problem, planOf(problem, '', [{ device: 'd1', nodes, replicas }], 'test'));
    for (const { device, weight } of replicas) {
      const alone = evaluate(problem, planOf(problem, '', [{ device, nodes }], 'test'));
      const own = shared.devices.find((row) => row.device === device);
      const all = alone.devices.find((row) => row.device === device);
      expect(own?.busySeconds).toBeCloseTo(((all?.busySeconds ?? 0) * weight) / 4, 12);
      expect(own?.parameterBytes).toBe(all?.parameterBytes);
    }
  });
});
