import { describe, expect, it } from 'vitest';
import { evaluate } from '../cost/evaluate.ts';
import type { Problem } from '../plan/problem.ts';
import { randomProblem } from '../plan/random-problem.ts';
import { validatePlan } from '../plan/validate-plan.ts';
import { createRandom } from '../random.ts';
import { seconds } from '../units.ts';
import { batched } from './batched.ts';
import type { Planned, Planner } from './planner.ts';
import { stillContextOf } from './still-context.ts';
import { throughputOptimal } from './throughput-optimal.ts';

/** Launches count, so that batches help. */
function problemAt(seed: number): Problem {
  const problem = randomProblem(createRandom(seed), { graph: { nodes: 5 }, devices: 3, measured: 0 });
  const devices = problem.cluster.devices.map((device) => ({ ...device, launchSeconds: seconds(0.5) }));
  const batchable = problem.graph.nodes.map(({ id }) => id);
  return {
    ...problem,
    cluster: { ...problem.cluster, devices },
    objective: { kind: 'period' },
    batchable,
  };
}

async function planned(planner: Planner, problem: Problem): Promise<Planned | null> {
  const result = await planner.plan(problem, stillContextOf(problem, 0));
  return result.kind === 'plan' ? result : null;
}

describe('batched', () => {
  it('never paces a stream slower than the plan it starts from, and claims what evaluate says', async () => {
    let gained = 0;
    for (let seed = 0; seed < 40; seed++) {
      const problem = problemAt(seed);
      const before = await planned(throughputOptimal, problem);
      const after = await planned(batched, problem);
      expect(after === null).toBe(before === null);
      if (before === null || after === null) continue;
      expect(validatePlan(problem, after.plan)).toEqual([]);
      const report = evaluate(problem, after.plan);
      expect(report.violations).toEqual([]);
      expect(after.plan.claim?.value).toBeCloseTo(report.periodSeconds, 12);
      const first = evaluate(problem, before.plan).periodSeconds;
      expect(report.periodSeconds).toBeLessThanOrEqual(first);
      if (report.periodSeconds < first) gained++;
    }
    expect(gained).toBeGreaterThan(10);
  });

  it('lets no batch break the limit of latency, and runs none where latency is what counts', async () => {
    let limited = 0;
    for (let seed = 0; seed < 40; seed++) {
      const problem = problemAt(seed);
      const free = await planned(batched, problem);
      if (free === null || free.plan.stages.every(({ batch }) => batch === undefined)) continue;
      const before = await planned(throughputOptimal, problem);
      if (before === null) continue;
      const latencySeconds = seconds(evaluate(problem, before.plan).latencySeconds * 1.001);
      const tight = { ...problem, constraints: { ...problem.constraints, latencySeconds } };
      const within = await planned(batched, tight);
      if (within === null) continue;
      expect(evaluate(tight, within.plan).violations).toEqual([]);
      limited++;
      const soon = await planned(batched, { ...problem, objective: { kind: 'latency' } });
      expect(soon?.plan.stages.some(({ batch }) => batch !== undefined)).toBe(false);
    }
    expect(limited).toBeGreaterThan(5);
  });

  it('says no where no node keeps requests apart', () => {
    const { batchable: _, ...problem } = problemAt(1);
    expect(batched.supports(problem)).toMatchObject({ yes: false });
  });
});
