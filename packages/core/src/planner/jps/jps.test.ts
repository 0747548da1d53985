import { describe, expect, it } from 'vitest';
import { createEvaluator, evaluate } from '../../cost/evaluate.ts';
import { cutOf } from '../../graph/cut.ts';
import { singleTensorCuts } from '../../graph/single-tensor-cuts.ts';
import { mixedPlan, variantPlans } from '../../plan/mix.ts';
import type { Plan } from '../../plan/plan.ts';
import { planOf } from '../../plan/plan-of.ts';
import type { Problem } from '../../plan/problem.ts';
import { randomProblem } from '../../plan/random-problem.ts';
import { validatePlan } from '../../plan/validate-plan.ts';
import { createRandom } from '../../random.ts';
import { bitsPerSecond, bytes, seconds } from '../../units.ts';
import type { Planner, PlanResult } from '../planner.ts';
import { planners } from '../planners.ts';
import { stillContextOf } from '../still-context.ts';

function resultOf(planner: Planner, problem: Problem): Promise<PlanResult> {
  return planner.plan(problem, stillContextOf(problem));
}

async function planBy(planner: Planner, problem: Problem): Promise<Plan> {
  const result = await resultOf(planner, problem);
  if (result.kind === 'infeasible') throw new Error(result.reason);
  return result.plan;
}

/** A chain on two devices with all memory that they may want. */
function batch(
  seed: number,
  requests: number,
  kind: 'makespan' | 'period' | 'latency' = 'makespan',
  nodes: number = 4,
): Problem {
  const problem = randomProblem(createRandom(seed), { graph: { kind: 'chain', nodes }, elsewhere: 0.3 });
  const arrivals = requests === 1 ? ({ kind: 'one' } as const) : ({ kind: 'batch', requests } as const);
  const memoryBytes = bytes(2 ** 50);
  const { devices, hosts } = problem.cluster;
  return {
    ...problem,
    objective: { kind },
    workload: { ...problem.workload, arrivals },
    cluster: {
      ...problem.cluster,
      devices: devices.map((device) => ({ ...device, memoryBytes })),
      hosts: hosts.map((host) => ({ ...host, memoryBytes })),
    },
  };
}

/** Every request by any cut that one tensor crosses, in every order: the least makespan. */
function bruteForce(problem: Problem): number {
  const { graph } = problem;
  const every = graph.nodes.map(({ id }) => id);
  const [first, ...others] = [cutOf(graph, []), ...singleTensorCuts(graph), cutOf(graph, every)].map(
    ({ nodes }) =>
      planOf(
        problem,
        '',
        [
          { device: 'd0', nodes },
          { device: 'd1', nodes: every.filter((node) => !nodes.includes(node)) },
        ],
        'oracle',
      ),
  );
  if (first === undefined) throw new Error('there is always an empty cut');
  const evaluator = createEvaluator(problem);
  const count = 1 + others.length;
  const { arrivals } = problem.workload;
  const requests = arrivals.kind === 'batch' ? arrivals.requests : 1;
  let least = Number.POSITIVE_INFINITY;
  for (let code = 0; code < count ** requests; code++) {
    const pattern = Array.from({ length: requests }, (_, at) => Math.floor(code / count ** at) % count);
    least = Math.min(least, evaluator.evaluate(mixedPlan([first, ...others], pattern)).makespanSeconds);
  }
  return least;
}

describe('jps-exact', () => {
  it('is the best of all multisets of cuts in all orders, and no heuristic is below it', async () => {
    let mixed = 0;
    for (let seed = 0; seed < 200; seed++) {
      const problem = batch(seed, 2 + (seed % 2));
      const best = bruteForce(problem);
      const plan = await planBy(planners['jps-exact'], problem);
      expect(Math.abs(evaluate(problem, plan).makespanSeconds - best)).toBeLessThanOrEqual(1e-9 * best);
      if (plan.mix !== undefined) mixed++;
      if (seed % 10 > 0) continue;
      for (const name of ['jps-adjacent', 'jps-hull'] as const) {
        const { claim } = await planBy(planners[name], problem);
        expect(claim?.value ?? 0).toBeGreaterThanOrEqual(best * (1 - 1e-9));
      }
    }
    expect(mixed).toBeGreaterThan(50);
  });

  it.each<[string, Problem, RegExp]>([
    ['another objective', batch(1, 3, 'period'), /the objective is period/],
    ['a large batch', batch(1, 9), /9 requests, more than the 8/],
    ['many cuts', batch(1, 3, 'makespan', 400), /crosses \d+ cuts, more than the 256/],
    ['a link whose rate changes', withTrace(batch(1, 3)), /rate of a link changes/],
  ])('says no to %s', (_what, problem, reason) => {
    const answer = planners['jps-exact'].supports(problem);
    expect(answer).toMatchObject({ yes: false, reason: expect.stringMatching(reason) });
  });
});

function withTrace(problem: Problem): Problem {
  const rate = {
    kind: 'trace' as const,
    loop: true,
    points: [{ seconds: seconds(0), bitsPerSecond: bitsPerSecond(1e6) }],
  };
  const links = problem.cluster.links.map((link) => ({ ...link, rate }));
  return { ...problem, cluster: { ...problem.cluster, links } };
}

describe.each(['jps-adjacent', 'jps-hull', 'jps-adjacent-q8', 'jps-hull-q8', 'coach-mix'] as const)(
  '%s',
  (name) => {
    it('mixes cuts where that ends sooner, in an order that holds at most one change, and claims what evaluate says', async () => {
      let mixed = 0;
      for (let seed = 0; seed < 200; seed++) {
        const problem = batch(seed, 12, 'makespan', 8);
        const plan = await planBy(planners[name], problem);
        expect(validatePlan(problem, plan)).toEqual([]);
        const { makespanSeconds } = evaluate(problem, plan);
        expect(plan.claim).toEqual({ figure: 'makespanSeconds', value: makespanSeconds });
        if (plan.mix === undefined) continue;
        mixed++;
        const { pattern } = plan.mix;
        expect(pattern).toHaveLength(12);
        expect(pattern.filter((way, at) => at > 0 && way !== pattern[at - 1])).toHaveLength(1);
        const { mix: _mix, ...alike } = plan;
        expect(evaluate(problem, alike).makespanSeconds).toBeGreaterThan(makespanSeconds);
      }
      expect(mixed).toBeGreaterThan(10);
    });

    it('takes turns in a stream, where that leaves more often than one cut does', async () => {
      let mixed = 0;
      for (let seed = 0; seed < 200; seed++) {
        const problem = batch(seed, 1, 'period', 8);
        const plan = await planBy(planners[name], problem);
        const { periodSeconds } = evaluate(problem, plan);
        expect(plan.claim).toEqual({ figure: 'periodSeconds', value: periodSeconds });
        if (plan.mix === undefined) continue;
        mixed++;
        const { pattern } = plan.mix;
        const rarer = pattern.flatMap((way, at) => (way === 1 ? [at] : []));
        const gaps = rarer.map((at, turn) => (rarer[turn + 1] ?? (rarer[0] ?? 0) + pattern.length) - at);
        expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
      }
      expect(mixed).toBeGreaterThan(10);
    });

    it('has one cut for one request, and a pattern of bounded length for a very large batch', async () => {
      expect((await planBy(planners[name], batch(3, 1, 'latency', 8))).mix).toBeUndefined();
      for (let seed = 0; seed < 50; seed++) {
        const { mix } = await planBy(planners[name], batch(seed, 1_000_000, 'makespan', 8));
        expect(mix?.pattern.length ?? 0).toBeLessThanOrEqual(32);
      }
    });
  },
);

describe('coach-mix', () => {
  it.each([
    { mostLoss: 0.0013, bits: 8 },
    { mostLoss: 0.005, bits: 6 },
    { mostLoss: 0.02, bits: 4 },
  ])('sends in $bits bits where a request may cost $mostLoss of the answers', async ({ mostLoss, bits }) => {
    let coded = 0;
    for (let seed = 0; seed < 50; seed++) {
      const problem = batch(seed, 1, 'period', 8);
      const limited = { ...problem, constraints: { ...problem.constraints, accuracyLoss: mostLoss } };
      const plan = await planBy(planners['coach-mix'], limited);
      for (const way of variantPlans(plan)) {
        expect(createEvaluator(limited).evaluate(way).accuracyLoss).toBeLessThanOrEqual(mostLoss);
        for (const { codec } of way.transfers) {
          if (codec.kind === 'raw') continue;
          expect(codec).toMatchObject({ kind: 'affine', bits });
          coded++;
        }
      }
    }
    expect(coded).toBeGreaterThan(10);
  });
});
