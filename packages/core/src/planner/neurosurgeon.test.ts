import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../cost/evaluate.ts';
import { allCuts } from '../graph/all-cuts.ts';
import { cutOf } from '../graph/cut.ts';
import type { Cut, Graph } from '../graph/graph.ts';
import { singleTensorCuts } from '../graph/single-tensor-cuts.ts';
import type { Plan } from '../plan/plan.ts';
import { planOf } from '../plan/plan-of.ts';
import type { Problem } from '../plan/problem.ts';
import { randomProblem } from '../plan/random-problem.ts';
import { createRandom } from '../random.ts';
import { bitsPerSecond, bytes, seconds } from '../units.ts';
import { oracle } from './conformance.ts';
import type { Planner, PlanResult } from './planner.ts';
import { planners } from './planners.ts';
import { stillContextOf } from './still-context.ts';
import { TwoStageCosts } from './two-stage-costs.ts';

function run(planner: Planner, problem: Problem): Promise<PlanResult> {
  return planner.plan(problem, stillContextOf(problem));
}

async function latency(planner: Planner, problem: Problem): Promise<number> {
  const result = await run(planner, problem);
  return result.kind === 'plan' ? evaluate(problem, result.plan).latencySeconds : Number.POSITIVE_INFINITY;
}

async function planBy(planner: Planner, problem: Problem): Promise<Plan> {
  const result = await run(planner, problem);
  if (result.kind === 'infeasible') throw new Error(result.reason);
  return result.plan;
}

/** How many nodes the source runs. */
async function depth(problem: Problem): Promise<number> {
  const plan = await planBy(planners['neurosurgeon-chain'], problem);
  return plan.stages
    .filter(({ device }) => device === 'd0')
    .reduce((sum, { nodes }) => sum + nodes.length, 0);
}

function stagesOf(problem: Problem, cut: Cut) {
  const behind = problem.graph.nodes.map(({ id }) => id).filter((id) => !cut.nodes.includes(id));
  return [
    { device: 'd0', nodes: cut.nodes },
    { device: 'd1', nodes: behind },
  ];
}

function chainCuts(graph: Graph): Cut[] {
  return graph.nodes
    .map((_, count) => cutOf(graph, [...Array(count).keys()]))
    .concat(cutOf(graph, [...graph.nodes.keys()]));
}

function withRate(problem: Problem, rate: number): Problem {
  const links = problem.cluster.links.map((link) => ({
    ...link,
    rate: { kind: 'constant' as const, bitsPerSecond: bitsPerSecond(rate) },
  }));
  return { ...problem, cluster: { ...problem.cluster, links } };
}

/** Sizes are in bytes, input first; times in seconds, by node; no other costs. Links carry a byte a second. */
function chainProblem(
  sizes: readonly number[],
  device: readonly number[],
  server: readonly number[],
): Problem {
  const base = randomProblem(createRandom(1), { graph: { kind: 'chain', nodes: device.length } });
  const tensors = base.graph.tensors.map((tensor, id) => ({ ...tensor, bytes: bytes(sizes[id] ?? 0) }));
  const row = (id: string, times: readonly number[]) =>
    times.map((time, node) => ({
      node: `node${node}`,
      device: id,
      seconds: seconds(time),
      source: 'measured' as const,
    }));
  const devices = base.cluster.devices.map((row) => ({ ...row, memoryBytes: bytes(1e9) }));
  const hosts = base.cluster.hosts.map((row) => ({ ...row, memoryBytes: bytes(1e9) }));
  const links = base.cluster.links.map((link) => ({
    ...link,
    roundTripSeconds: seconds(0),
    perMessageSeconds: seconds(0),
  }));
  return withRate(
    {
      ...base,
      graph: { ...base.graph, tensors },
      cluster: { ...base.cluster, devices, hosts, links },
      profile: { rows: [...row('d0', device), ...row('d1', server)] },
      workload: { ...base.workload, sink: 'd1' },
    },
    8,
  );
}

describe('neurosurgeon', () => {
  it.each([
    { what: 'a shrinking tensor', sizes: [9, 9, 2, 1], device: [1, 1, 9], server: [1, 1, 1], local: 2 },
    { what: 'a slow device', sizes: [2, 2, 2, 2], device: [5, 5, 5], server: [1, 1, 1], local: 0 },
    { what: 'a fast device', sizes: [9, 9, 9, 1], device: [1, 1, 1], server: [1, 1, 1], local: 3 },
    { what: 'equal cuts: the earliest', sizes: [4, 4, 4, 4], device: [0, 0, 0], server: [0, 0, 0], local: 0 },
    { what: 'equal times: fewer bytes', sizes: [4, 3, 9, 9], device: [1, 9, 9], server: [0, 1, 1], local: 1 },
  ])('cuts where it must: $what', async ({ sizes, device, server, local }) => {
    expect(await depth(chainProblem(sizes, device, server))).toBe(local);
  });

  it('passes over cuts that break a constraint', async () => {
    const free = chainProblem([2, 2, 2, 2], [5, 6, 7], [1, 1, 1]);
    const kept = { ...free, constraints: { ...free.constraints, neverLeaveRawInput: true } };
    expect([await depth(free), await depth(kept)]).toEqual([0, 1]);
  });

  it('names the numbers of the closest placement when none fits', async () => {
    const problem = chainProblem([8, 4, 4, 4], [1, 1, 1], [1, 1, 1]);
    const small = problem.cluster.devices.map((device) => ({ ...device, memoryBytes: bytes(0) }));
    const result = await run(planners['neurosurgeon-chain'], {
      ...problem,
      cluster: { ...problem.cluster, devices: small },
    });
    expect(result.kind === 'infeasible' && result.reason).toMatch(
      /^None of 4 placements is feasible; the closest is .*needs \d+ bytes .* more than its 0\./,
    );
  });

  it.each([
    { kind: 'chain' as const, most: 40, salt: 0, runs: 1000, splits: 100 },
    { kind: 'series-parallel' as const, most: 9, salt: 3000, runs: 700, splits: 30 },
    { kind: 'general' as const, most: 9, salt: 5000, runs: 300, splits: 1 },
  ])(
    'equals the oracle over single-tensor cuts on $runs $kind graphs, and beats both extremes',
    async ({ kind, most, salt, runs, splits }) => {
      let split = 0;
      for (let seed = 0; seed < runs; seed++) {
        const random = createRandom(salt + seed);
        const problem = randomProblem(random, {
          graph: { kind, nodes: 1 + random.integer(most) },
          missingLinks: 0.1,
          tightMemory: 0.3,
          elsewhere: 0.2,
        });
        const { graph } = problem;
        const cuts = kind === 'chain' ? chainCuts(graph) : allCuts(graph).filter((cut) => isThin(graph, cut));
        const best = oracle(
          problem,
          cuts.map((cut) => stagesOf(problem, cut)),
        );
        const own = await latency(planners['neurosurgeon-chain'], problem);
        const bound = best ?? Number.POSITIVE_INFINITY;
        const extremes = [
          await latency(planners['all-local'], problem),
          await latency(planners['all-server'], problem),
        ];
        if (own !== bound) expect(own).toBeCloseTo(bound, 9);
        expect(own).toBeLessThanOrEqual(Math.min(...extremes));
        if (own < Math.min(...extremes)) split++;
      }
      expect(split).toBeGreaterThan(splits);
    },
  );

  it('cuts no later on a faster link when tensors only shrink', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1e6 }), async (seed) => {
        const base = randomProblem(createRandom(seed), { graph: { kind: 'chain', nodes: 12 } });
        const sizes = base.graph.tensors.map((tensor) => tensor.bytes).sort((left, right) => right - left);
        const tensors = base.graph.tensors.map((tensor, id) => ({ ...tensor, bytes: bytes(sizes[id] ?? 0) }));
        const problem = {
          ...base,
          graph: { ...base.graph, tensors },
          workload: { ...base.workload, sink: 'd1' },
        };
        const depths: number[] = [];
        for (let power = 4; power < 20; power += 2) depths.push(await depth(withRate(problem, 2 ** power)));
        expect(depths).toEqual([...depths].sort((left, right) => right - left));
      }),
      { numRuns: 60, seed: 21 },
    );
  });

  it('is a lower envelope of at most N + 1 lines in the time a bit takes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1e6 }), async (seed) => {
        const problem = randomProblem(createRandom(seed), { graph: { kind: 'chain', nodes: 6 } });
        const points: number[] = [];
        const slopes = new Set<number>();
        for (let step = 1; step <= 32; step++) {
          const plan = await planBy(planners['neurosurgeon-chain'], withRate(problem, 4096 / step));
          points.push(plan.claim?.value ?? Number.NaN);
          slopes.add(evaluate(problem, plan).bytesSent);
        }
        for (const [index, point] of points.entries()) {
          const [before, behind] = [points[index - 1], points[index + 1]];
          if (before === undefined || behind === undefined) continue;
          expect(2 * point).toBeGreaterThanOrEqual((before + behind) * (1 - 1e-12));
        }
        expect(slopes.size).toBeLessThanOrEqual(7);
      }),
      { numRuns: 30, seed: 22 },
    );
  });

  it('scores every cut of every pair as evaluate prices it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const random = createRandom(seed);
        const problem = randomProblem(random, {
          graph: { nodes: 1 + random.integer(8), folded: 0.2 },
          devices: 3,
          missingLinks: 0.1,
          elsewhere: 0.5,
        });
        const costs = new TwoStageCosts(problem);
        for (const cut of [...allCuts(problem.graph), ...singleTensorCuts(problem.graph)]) {
          for (const [first, second] of [
            ['d0', 'd1'],
            ['d1', 'd2'],
            ['d2', 'd0'],
          ] as const) {
            const behind = problem.graph.nodes.map(({ id }) => id).filter((id) => !cut.nodes.includes(id));
            const stages = [
              { device: first, nodes: cut.nodes },
              { device: second, nodes: behind },
            ];
            const report = evaluate(problem, planOf(problem, '', stages, 'test'));
            const cost = costs.cost(cut, { first, second });
            expect(cost.bytesSent).toBe(report.bytesSent);
            if (report.latencySeconds === Number.POSITIVE_INFINITY)
              expect(cost.latencySeconds).toBe(report.latencySeconds);
            else expect(cost.latencySeconds).toBeCloseTo(report.latencySeconds, 9);
          }
        }
      }),
      { numRuns: 60, seed: 23 },
    );
  });
});

function isThin(graph: Graph, { nodes, boundary }: Cut): boolean {
  return nodes.length === 0 || nodes.length === graph.nodes.length || boundary.length === 1;
}
