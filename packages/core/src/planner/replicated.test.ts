import { describe, expect, it } from 'vitest';
import { createEvaluator, evaluate } from '../cost/evaluate.ts';
import type { Plan } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { randomProblem } from '../plan/random-problem.ts';
import { validatePlan } from '../plan/validate-plan.ts';
import { createRandom } from '../random.ts';
import { bytes, flopsPerSecond, seconds } from '../units.ts';
import type { PlanResult } from './planner.ts';
import { type PlannerName, planners } from './planners.ts';

function problemAt(seed: number): Problem {
  const problem = randomProblem(createRandom(seed), { graph: { nodes: 5 }, devices: 3, tightMemory: 0 });
  return { ...problem, objective: { kind: 'period' } };
}

const planned = (name: PlannerName, problem: Problem): Promise<PlanResult> =>
  planners[name].plan(problem, {
    problemDigest: '',
    evaluator: createEvaluator(problem),
    random: createRandom(0),
    clock: { now: () => seconds(0), sleep: () => Promise.resolve() },
    signal: new AbortController().signal,
  });

function planIn(result: PlanResult): Plan {
  if (result.kind === 'plan') return result.plan;
  throw new Error(result.reason);
}

describe('replicated', () => {
  it('never paces a stream slower than the plan it starts from, and claims what evaluate says', async () => {
    let gained = 0;
    for (let seed = 0; seed < 60; seed++) {
      const problem = problemAt(seed);
      const before = await planned('throughput-optimal', problem);
      const after = await planned('replicated', problem);
      expect(after.kind).toBe(before.kind);
      if (before.kind !== 'plan') continue;
      const plan = planIn(after);
      expect(validatePlan(problem, plan)).toEqual([]);
      const report = evaluate(problem, plan);
      expect(report.violations).toEqual([]);
      expect(plan.claim?.value).toBeCloseTo(report.periodSeconds, 12);
      const first = evaluate(problem, before.plan).periodSeconds;
      expect(report.periodSeconds).toBeLessThanOrEqual(first);
      if (report.periodSeconds < first) gained++;
    }
    expect(gained).toBeGreaterThan(0);
  });

  it('puts one stage that cannot be cut on three equal devices, a third of the requests each', async () => {
    const { graph, cluster, ...rest } = randomProblem(createRandom(2), {
      graph: { kind: 'chain', nodes: 1 },
      devices: 3,
      tightMemory: 0,
    });
    const [first] = cluster.devices;
    if (first === undefined) throw new Error('a device');
    const slow = { ...first, flopsPerSecond: flopsPerSecond(1), memoryBytes: bytes(2 ** 40) };
    const devices = cluster.devices.map(({ id, host }) => ({ ...slow, id, host }));
    const hosts = cluster.hosts.map((host) => ({ ...host, memoryBytes: bytes(2 ** 42) }));
    const problem: Problem = {
      ...rest,
      graph,
      cluster: { ...cluster, devices, hosts },
      profile: { rows: [] },
      objective: { kind: 'period' },
    };
    const plan = planIn(await planned('replicated', problem));
    const weights = plan.stages[0]?.replicas?.map(({ weight }) => weight);
    const alone = evaluate(problem, planIn(await planned('throughput-optimal', problem)));
    expect(weights).toEqual([1, 1, 1]);
    expect(evaluate(problem, plan).periodSeconds).toBeCloseTo(alone.periodSeconds / 3, 9);
  });
});
