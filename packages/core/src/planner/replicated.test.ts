import { describe, expect, it } from 'vitest';
import { evaluate } from '../cost/evaluate.ts';
import { elements } from '../graph/elements.ts';
import type { NodeId } from '../graph/graph.ts';
import type { Plan, Replica, Stage } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { randomProblem } from '../plan/random-problem.ts';
import { validatePlan } from '../plan/validate-plan.ts';
import { createRandom, type Random } from '../random.ts';
import { bytes, flopsPerSecond } from '../units.ts';
import { plannerConformance } from './conformance.ts';
import type { PlanResult } from './planner.ts';
import { type PlannerName, planners } from './planners.ts';
import { stillContextOf } from './still-context.ts';

function problemAt(seed: number): Problem {
  const problem = randomProblem(createRandom(seed), { graph: { nodes: 5 }, devices: 3, tightMemory: 0 });
  return { ...problem, objective: { kind: 'period' } };
}

const planned = (name: PlannerName, problem: Problem): Promise<PlanResult> =>
  planners[name].plan(problem, stillContextOf(problem, 0));

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

/** One unit on 3 devices, or up to two on 2: so few that the shares of all stages can be tried together. */
function tinyProblem(random: Random): Problem {
  const devices = 2 + random.integer(2);
  return randomProblem(random, {
    graph: { kind: 'chain', nodes: devices === 3 ? 1 : 1 + random.integer(2) },
    devices,
    missingLinks: 0.15,
    tightMemory: 0.3,
    elsewhere: 0.25,
  });
}

/** The chain in one run or two, on every device or shared by several, in all shares of twelfths as they may be rounded. */
function* replicasOfRuns({ graph, cluster }: Problem): Generator<Stage[]> {
  const units = elements(graph).map(({ nodes }) => nodes);
  const shares = [...sharesAmong(cluster.devices.map(({ id }) => id))];
  for (const replicas of shares) yield [sharedStage(units.flat(), replicas)];
  for (let end = 1; end < units.length; end++)
    for (const first of shares)
      for (const second of shares)
        yield [sharedStage(units.slice(0, end).flat(), first), sharedStage(units.slice(end).flat(), second)];
}

function sharedStage(nodes: readonly NodeId[], replicas: readonly Replica[]): Stage {
  const device = replicas[0]?.device ?? '';
  return replicas.length === 1 ? { device, nodes } : { device, nodes, replicas };
}

/** Weights that add up to twelve, or to one less or more, each rounded by itself; alone is weight 12. */
function* sharesAmong(devices: readonly string[]): Generator<Replica[]> {
  for (let code = 0; code < 13 ** devices.length; code++) {
    const weights = devices.map((_, at) => Math.floor(code / 13 ** at) % 13);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    const replicas = devices.flatMap((device, at) => {
      const weight = weights[at] ?? 0;
      return weight === 0 ? [] : [{ device, weight }];
    });
    const isAlone = replicas.length === 1;
    if (isAlone ? sum === 12 : Math.abs(sum - 12) <= replicas.length - 2 || sum === 13) yield replicas;
  }
}

plannerConformance(
  {
    planner: planners.replicated,
    // Shares are rounded, and a replica that was given is not taken back.
    exact: false,
    problem: tinyProblem,
    objective: { kind: 'period' },
    family: replicasOfRuns,
  },
  {
    describe,
    it,
    abortable: () => {
      const controller = new AbortController();
      return { signal: controller.signal, abort: (reason) => controller.abort(reason) };
    },
  },
);
