import { describe, expect, it } from 'vitest';
import { deviceMemory } from '../cost/device-memory.ts';
import { createEvaluator } from '../cost/evaluate.ts';
import type { Stage } from '../plan/plan.ts';
import { planOf } from '../plan/plan-of.ts';
import type { Problem } from '../plan/problem.ts';
import { randomProblem } from '../plan/random-problem.ts';
import { createRandom, type Random } from '../random.ts';
import { bytes } from '../units.ts';
import { ChainCosts } from './chain/chain-costs.ts';
import type { PlanResult } from './planner.ts';
import { planners } from './planners.ts';
import { stillContextOf } from './still-context.ts';

const period = { kind: 'period' as const };

function problemAt(random: Random): Problem {
  const kinds = ['chain', 'chain', 'series-parallel', 'general'] as const;
  const problem = randomProblem(random, {
    graph: { kind: kinds[random.integer(4)] ?? 'chain', nodes: 1 + random.integer(6), folded: 0.1 },
    devices: 2 + random.integer(2),
    missingLinks: 0.2,
    elsewhere: 0.3,
    rawInputStays: 0.1,
  });
  const asked = { ...problem, objective: period };
  return random.next() < 0.85 ? withBarelyEnough(asked, random) : asked;
}

/** Memory of 1.00 to 1.05 times what some run of the chain needs, and twins among the devices. */
function withBarelyEnough(problem: Problem, random: Random): Problem {
  const costs = ChainCosts.of(problem, 1000);
  const units = costs.units.length;
  const twins = random.next() < 0.4;
  const devices = problem.cluster.devices.map((device, at) => {
    const first = random.integer(units);
    const end = first + 1 + random.integer(units - first);
    const need = costs.memoryBytes(at, first, end);
    const spare = random.next() < 0.5 ? 1 : 1 + 0.05 * random.next();
    const model = twins && at > 0 ? (problem.cluster.devices[1] ?? device) : device;
    return { ...model, id: device.id, host: device.host, memoryBytes: bytes(Math.ceil(need * spare)) };
  });
  const hosts = problem.cluster.hosts.map((host) => ({ ...host, memoryBytes: bytes(2 ** 40) }));
  return { ...problem, cluster: { ...problem.cluster, devices, hosts } };
}

/** Every way to cut the chain into runs on different devices, in any order of them. */
function* splits(costs: ChainCosts, first: number, free: readonly number[]): Generator<Stage[]> {
  if (first === costs.units.length) yield [];
  for (const device of free)
    for (let end = first + 1; end <= costs.units.length; end++)
      for (const rest of splits(
        costs,
        end,
        free.filter((other) => other !== device),
      ))
        yield [...costs.stages([{ device, first, end }]), ...rest];
}

function bestPeriod(problem: Problem, hasMemory: boolean): number {
  const costs = ChainCosts.of(problem, 1000);
  const evaluator = createEvaluator(problem);
  let best = Number.POSITIVE_INFINITY;
  for (const stages of splits(costs, 0, [...costs.devices.keys()])) {
    const report = evaluator.evaluate(planOf(problem, '', stages, 'test'));
    const faults = report.violations.filter((text) => hasMemory || !text.includes('more than its'));
    if (faults.length === 0) best = Math.min(best, report.periodSeconds);
  }
  return best;
}

function plan(problem: Problem): Promise<PlanResult> {
  return planners['throughput-optimal'].plan(problem, stillContextOf(problem));
}

describe('throughput-optimal', () => {
  it('has exactly the shortest period of all splits on 1200 chains, also where memory is barely enough', async () => {
    let [bound, impossible] = [0, 0];
    for (let seed = 0; seed < 1200; seed++) {
      const problem = problemAt(createRandom(seed));
      const best = bestPeriod(problem, true);
      const result = await plan(problem);
      if (best > bestPeriod(problem, false)) bound++;
      if (best === Number.POSITIVE_INFINITY) {
        impossible++;
        expect(result.kind, `seed ${seed}`).toBe('infeasible');
        continue;
      }
      if (result.kind !== 'plan') throw new Error(`seed ${seed}: ${result.reason}`);
      expect(result.plan.claim?.value, `seed ${seed}`).toBeCloseTo(best, 9);
      expect(result.bound?.value, `seed ${seed}`).toBeCloseTo(best, 9);
    }
    // Memory decides in about a quarter of them.
    expect(bound / 1200).toBeGreaterThan(0.2);
    expect(impossible / 1200).toBeLessThan(0.35);
  }, 60_000);

  it('knows what runs need as devices count it', () => {
    for (let seed = 0; seed < 200; seed++) {
      const problem = problemAt(createRandom(seed));
      const batch: Problem = {
        ...problem,
        workload: { ...problem.workload, arrivals: { kind: 'batch', requests: 1 + (seed % 3) } },
      };
      const costs = ChainCosts.of(batch, 1000);
      for (let first = 0; first < costs.units.length; first++)
        for (let end = first + 1; end <= costs.units.length; end++)
          for (const device of costs.devices.keys()) {
            const stages = costs.stages([{ device, first, end }]);
            const { memoryBytes } = deviceMemory(batch, { stages }, costs.devices[device] ?? '');
            expect(costs.memoryBytes(device, first, end)).toBe(memoryBytes);
          }
    }
  });

  it('takes one device of a host whose devices do not fit together', async () => {
    const base = problemAt(createRandom(2));
    const random = createRandom(5);
    let kept = 0;
    for (let seed = 0; seed < 60; seed++) {
      const problem = {
        ...randomProblem(random, { graph: { kind: 'chain', nodes: 5 }, devices: 3 }),
        objective: base.objective,
      };
      const costs = ChainCosts.of(problem, 1000);
      const whole = Math.max(...[1, 2].map((device) => costs.memoryBytes(device, 0, costs.units.length)));
      const hosts = [
        { id: 'h0', memoryBytes: bytes(2 ** 40) },
        { id: 'together', memoryBytes: bytes(whole) },
      ];
      const devices = problem.cluster.devices.map((device, at) => ({
        ...device,
        host: at === 0 ? 'h0' : 'together',
      }));
      const result = await plan({ ...problem, cluster: { ...problem.cluster, hosts, devices } });
      expect(result.kind).toBe('plan');
      if (result.kind !== 'plan') continue;
      expect(result.bound?.value).toBeLessThanOrEqual((result.plan.claim?.value ?? 0) * (1 + 1e-9));
      if ((result.bound?.value ?? 0) < (result.plan.claim?.value ?? 0) * (1 - 1e-9)) kept++;
    }
    expect(kept).toBeGreaterThan(3);
  });
});
