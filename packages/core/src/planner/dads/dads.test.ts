import { describe, expect, it } from 'vitest';
import { costTables } from '../../cost/cost-tables.ts';
import { evaluate } from '../../cost/evaluate.ts';
import { allCuts } from '../../graph/all-cuts.ts';
import type { Cut } from '../../graph/graph.ts';
import { planOf } from '../../plan/plan-of.ts';
import type { Problem } from '../../plan/problem.ts';
import { randomProblem } from '../../plan/random-problem.ts';
import { createRandom } from '../../random.ts';
import type { Planner } from '../planner.ts';
import { planners } from '../planners.ts';
import { stillContextOf } from '../still-context.ts';
import { PartitionNetwork } from './partition-network.ts';

const pair = { first: 'd0', second: 'd1' };

function problemAt(
  seed: number,
  kind: 'chain' | 'series-parallel' | 'general',
  nodes: number,
  devices = 2,
): Problem {
  const random = createRandom(seed);
  return randomProblem(random, {
    graph: { kind, nodes: 1 + random.integer(nodes), folded: 0.15 },
    devices,
    missingLinks: 0.1,
    elsewhere: 0.3,
    rawInputStays: 0.1,
  });
}

/** Σ compute + Σ transfers of the plan that this cut makes, counted from its report. */
function sumOf(problem: Problem, { nodes }: Pick<Cut, 'nodes'>): number {
  const behind = problem.graph.nodes.map(({ id }) => id).filter((id) => !nodes.includes(id));
  const stages = [
    { device: 'd0', nodes },
    { device: 'd1', nodes: behind },
  ];
  const plan = planOf(problem, '', stages, 'test');
  const report = evaluate(problem, plan);
  const rawLeaves = plan.transfers.some(({ tensor }) => problem.graph.inputs.includes(tensor));
  if (rawLeaves && problem.constraints.neverLeaveRawInput) return Number.POSITIVE_INFINITY;
  const compute = report.stages.reduce((sum, { computeSeconds }) => sum + computeSeconds, 0);
  const { links } = costTables(problem).transfer;
  return report.transfers.reduce((sum, { from, to, bytes }) => {
    const link = links.find((candidate) => candidate.from === from && candidate.to === to);
    if (link === undefined) return Number.POSITIVE_INFINITY;
    return sum + link.perMessageSeconds + bytes * link.secondsPerByte + link.delaySeconds;
  }, compute);
}

/** Of all cuts between d0 and another device, and how many devices and links are busy under a plan that has it. */
function shortestPeriod(problem: Problem): { best: number; busy: number } {
  let [best, busy] = [Number.POSITIVE_INFINITY, 0];
  for (const { id } of problem.cluster.devices.slice(1))
    for (const { nodes } of allCuts(problem.graph)) {
      const behind = problem.graph.nodes.map((node) => node.id).filter((node) => !nodes.includes(node));
      const stages = [
        { device: 'd0', nodes },
        { device: id, nodes: behind },
      ];
      const { violations, periodSeconds, devices, links } = evaluate(
        problem,
        planOf(problem, '', stages, 'test'),
      );
      if (violations.length > 0 || periodSeconds >= best) continue;
      best = periodSeconds;
      busy = [...devices, ...links].filter(({ busySeconds }) => busySeconds > 0).length;
    }
  return { best, busy };
}

async function periodOf(planner: Planner, problem: Problem): Promise<number> {
  const result = await planner.plan(problem, stillContextOf(problem));
  return result.kind === 'plan' ? evaluate(problem, result.plan).periodSeconds : Number.NaN;
}

describe('PartitionNetwork', () => {
  it.each([
    { kind: 'chain' as const, nodes: 12 },
    { kind: 'series-parallel' as const, nodes: 12 },
    { kind: 'general' as const, nodes: 10 },
  ])('finds the least sum of all cuts on 400 $kind graphs, by value and by cut', ({ kind, nodes }) => {
    let splits = 0;
    for (let seed = 0; seed < 400; seed++) {
      const problem = problemAt(seed, kind, nodes);
      const best = Math.min(...allCuts(problem.graph).map((cut) => sumOf(problem, cut)));
      const least = new PartitionNetwork(problem, costTables(problem), pair).leastCuts({
        first: 1,
        second: 1,
      });
      if (best === Number.POSITIVE_INFINITY) {
        expect(least.value).toBe(best);
        continue;
      }
      expect(least.value).toBeCloseTo(best, 9);
      expect(sumOf(problem, { nodes: least.fewest })).toBeCloseTo(best, 9);
      expect(sumOf(problem, { nodes: least.most })).toBeCloseTo(best, 9);
      expect(least.most).toEqual(expect.arrayContaining([...least.fewest]));
      if (least.fewest.length > 0 && least.fewest.length < problem.graph.nodes.length) splits++;
    }
    expect(splits).toBeGreaterThan(20);
  });

  it('as published, sends tensors back free of charge on some graphs', () => {
    let returning = 0;
    for (let seed = 0; seed < 400; seed++) {
      const problem = problemAt(seed, 'general', 10);
      const published = { downwardClosed: false };
      const network = new PartitionNetwork(problem, costTables(problem), pair, published);
      const { fewest } = network.leastCuts({ first: 1, second: 1 });
      const first = new Set(fewest);
      const reads = fewest.flatMap((node) => problem.graph.nodes[node]?.inputs ?? []);
      const producers = reads.map((tensor) => problem.graph.tensors[tensor]?.producer);
      if (producers.some((producer) => typeof producer === 'number' && !first.has(producer))) returning++;
    }
    expect(returning).toBeGreaterThan(20);
  });
});

describe('dads-heavy', () => {
  it.each([2, 3])(
    'has at most as many times the shortest period of all cuts as things are busy then, of %i devices, and never a longer one than dads-light',
    async (devices) => {
      let optimal = 0;
      let judged = 0;
      for (let seed = 0; seed < 200; seed++) {
        const base = problemAt(1000 + seed, seed % 2 === 0 ? 'general' : 'series-parallel', 9, devices);
        const problem: Problem = { ...base, objective: { kind: 'period' } };
        const [heavy, light] = [
          await periodOf(planners['dads-heavy'], problem),
          await periodOf(planners['dads-light'], problem),
        ];
        if (Number.isNaN(heavy)) continue;
        judged++;
        const { best, busy } = shortestPeriod(problem);
        expect(heavy).toBeLessThanOrEqual(light * (1 + 1e-9));
        expect(heavy).toBeLessThanOrEqual(busy * best * (1 + 1e-9));
        expect(busy).toBeLessThanOrEqual(5);
        if (heavy <= best * (1 + 1e-9)) optimal++;
      }
      expect(judged).toBeGreaterThan(150);
      expect(optimal / judged).toBeGreaterThan(0.6);
    },
  );

  it('loses no plan to a cut that sends a raw input which must stay', async () => {
    let judged = 0;
    for (let seed = 0; seed < 100; seed++) {
      const base = problemAt(2000 + seed, 'series-parallel', 9);
      const constraints = { ...base.constraints, neverLeaveRawInput: true };
      const problem: Problem = { ...base, constraints, objective: { kind: 'period' } };
      const light = await periodOf(planners['dads-light'], problem);
      if (Number.isNaN(light)) continue;
      judged++;
      expect(await periodOf(planners['dads-heavy'], problem)).toBeLessThanOrEqual(light * (1 + 1e-9));
    }
    expect(judged).toBeGreaterThan(50);
  });
});
