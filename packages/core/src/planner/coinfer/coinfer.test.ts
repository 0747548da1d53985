import { describe, expect, it } from 'vitest';
import { createEvaluator } from '../../cost/evaluate.ts';
import { objectiveValue } from '../../cost/objective-value.ts';
import { graphOf } from '../../graph/graph-of.ts';
import { planOf } from '../../plan/plan-of.ts';
import type { Objective, Problem } from '../../plan/problem.ts';
import { randomProblem } from '../../plan/random-problem.ts';
import { createRandom } from '../../random.ts';
import { bytes, bytesPerSecond, hertz, seconds, watts } from '../../units.ts';
import { zooModel } from '../../zoo/zoo.ts';
import { ChainCosts } from '../chain/chain-costs.ts';
import type { PlanResult } from '../planner.ts';
import { type PlannerName, planners } from '../planners.ts';
import { stillContextOf } from '../still-context.ts';
import { bestAlone, clockChoices, type Prices } from './clock-choices.ts';
import { coinferFleet } from './coinfer-fleet.ts';
import { JointCosts } from './joint-costs.ts';

const joint: Objective = {
  kind: 'weighted',
  terms: [
    { figure: 'latencySeconds', weight: 1, reference: 2 },
    { figure: 'energyJoules', weight: 1, reference: 3 },
  ],
};
const prices: Prices = { second: 1 / 2, joule: 1 / 3 };
const levels = [4, 5, 6, 7, 8].map((rate) => hertz(rate * 1e8));

/** A chain on devices whose clocks are a choice; bound by arithmetic, so that time goes with 1 / f. */
function clockedProblem(seed: number, idle: number, nodes: number): Problem {
  const random = createRandom(seed);
  const problem = randomProblem(random, {
    graph: { kind: 'chain', nodes, idle: 0 },
    devices: 2,
    measured: 0,
  });
  const devices = problem.cluster.devices.map((device) => ({
    ...device,
    memoryBytesPerSecond: bytesPerSecond(1e15),
    launchSeconds: seconds(0),
    frequencies: { kind: 'levels' as const, levelsHertz: levels },
    power: {
      kind: 'law' as const,
      staticWatts: watts(idle),
      idleWatts: watts(idle),
      dynamicWattsAtMaximum: watts(0.5 + random.next() * 4),
      exponent: 3,
    },
  }));
  return { ...problem, objective: joint, cluster: { ...problem.cluster, devices } };
}

function plan(problem: Problem, name: PlannerName): Promise<PlanResult> {
  return planners[name].plan(problem, stillContextOf(problem));
}

/** The least value over all placements of elements and all clocks, and the clocks that have it. */
function bruteForce(problem: Problem): { value: number; clocks: readonly number[] } {
  const chain = ChainCosts.of(problem, 36);
  const evaluator = createEvaluator(problem);
  let best = { value: Number.POSITIVE_INFINITY, clocks: [0, 0] };
  const count = 2 ** chain.units.length;
  for (let code = 0; code < count; code++) {
    const stages = chain.stages(
      [...chain.units.keys()].map((unit) => ({ device: (code >> unit) & 1, first: unit, end: unit + 1 })),
    );
    for (let pair = 0; pair < levels.length ** 2; pair++) {
      const clocks = [pair % levels.length, Math.floor(pair / levels.length)];
      const frequency = { d0: levels[clocks[0] ?? 0] ?? hertz(1), d1: levels[clocks[1] ?? 0] ?? hertz(1) };
      const report = evaluator.evaluate(planOf(problem, '', stages, 'test', { frequency }));
      const value = objectiveValue(problem.objective, report);
      if (report.violations.length === 0 && value < best.value * (1 - 1e-12)) best = { value, clocks };
    }
  }
  return best;
}

describe('clocks of coinfer', () => {
  it('are each device’s own best where waiting costs nothing, whatever the placement', () => {
    for (let seed = 0; seed < 40; seed++) {
      const problem = clockedProblem(seed, 0, 4);
      const best = bruteForce(problem);
      const costs = new JointCosts(ChainCosts.of(problem, 36), prices);
      const alone = problem.cluster.devices.map((device) => bestAlone(device, clockChoices(device), prices));
      let least = Number.POSITIVE_INFINITY;
      for (let code = 0; code < 2 ** costs.chain.units.length; code++)
        least = Math.min(
          least,
          costs.value(
            [...costs.chain.units.keys()].map((unit) => (code >> unit) & 1),
            alone,
          ),
        );
      expect(least).toBeCloseTo(best.value, 9);
    }
  });

  it('neighbour the minimiser of A / f + B f² in closed form', () => {
    for (let seed = 0; seed < 40; seed++) {
      for (const device of clockedProblem(seed, 0, 1).cluster.devices) {
        const { power } = device;
        if (power?.kind !== 'law') throw new Error('a law was asked for');
        const share = (prices.second / (2 * prices.joule * power.dynamicWattsAtMaximum)) ** (1 / 3);
        const chosen = (levels[bestAlone(device, levels, prices)] ?? 0) / 8e8;
        expect(Math.abs(chosen - Math.max(0.5, Math.min(1, share)))).toBeLessThanOrEqual(0.125);
      }
    }
  });

  it('are not, where one device’s clock lets the other wait', () => {
    let differ = 0;
    for (let seed = 0; seed < 40; seed++) {
      const problem = clockedProblem(seed, 1, 4);
      const best = bruteForce(problem);
      const alone = problem.cluster.devices.map((device) => bestAlone(device, clockChoices(device), prices));
      const costs = new JointCosts(ChainCosts.of(problem, 36), prices);
      let least = Number.POSITIVE_INFINITY;
      for (let code = 0; code < 2 ** costs.chain.units.length; code++)
        least = Math.min(
          least,
          costs.value(
            [...costs.chain.units.keys()].map((unit) => (code >> unit) & 1),
            alone,
          ),
        );
      if (least > best.value * (1 + 1e-9)) differ++;
    }
    expect(differ).toBeGreaterThan(5);
  });

  it.each(['coinfer', 'coinfer-tpe'] as const)(
    'are found by %s, also where devices wait',
    async (name) => {
      let [optimal, worst] = [0, 1];
      for (let seed = 0; seed < 40; seed++) {
        const problem = clockedProblem(seed, seed % 2, 5);
        const best = bruteForce(problem);
        const result = await plan(problem, name);
        if (result.kind !== 'plan') throw new Error(result.reason);
        const ratio = (result.plan.claim?.value ?? 0) / best.value;
        expect(ratio).toBeGreaterThanOrEqual(1 - 1e-9);
        if (ratio <= 1 + 1e-9) optimal++;
        worst = Math.max(worst, ratio);
      }
      expect(optimal).toBeGreaterThanOrEqual(34);
      expect(worst).toBeLessThan(1.05);
    },
    60_000,
  );
});

/** A chain whose devices hold a part of it each. */
function tightProblem(seed: number): Problem {
  const random = createRandom(seed);
  const devices = 2 + random.integer(3);
  const problem = randomProblem(random, {
    graph: { kind: random.next() < 0.7 ? 'chain' : 'series-parallel', nodes: 3 + random.integer(6) },
    devices,
    elsewhere: 0.3,
  });
  const chain = ChainCosts.of(problem, 36);
  const units = chain.units.length;
  const cut = problem.cluster.devices.map((device, at) => {
    const share = (1.2 + random.next()) / devices;
    const size = Math.max(1, Math.min(units, Math.ceil(units * share)));
    return { ...device, memoryBytes: bytes(Math.ceil(chain.memoryBytes(at, 0, size))) };
  });
  const hosts = problem.cluster.hosts.map((host) => ({ ...host, memoryBytes: bytes(2 ** 40) }));
  return { ...problem, cluster: { ...problem.cluster, devices: cut, hosts } };
}

/** The placement of least latency when a device that is left forgets what it held, as in the published program. */
function forgetful(problem: Problem): readonly number[] | null {
  const chain = ChainCosts.of(problem, 36);
  const bins = chain.devices.length;
  interface Start {
    readonly cost: number;
    readonly used: readonly number[];
    readonly since: number;
  }
  let starts: Start[] = [{ cost: 0, used: [], since: 0 }];
  for (let unit = 0; unit < chain.units.length; unit++) {
    const next = new Map<string, Start>();
    for (const { cost, used, since } of starts) {
      const from = used.at(-1) ?? chain.index.source;
      for (let to = 0; to < bins; to++) {
        const first = to === used.at(-1) ? since : unit;
        if (chain.memoryBytes(to, first, unit + 1) > chain.capacityBytes(to)) continue;
        const move = chain.crossingTime(unit, from, to);
        const own = cost + move.occupiedSeconds + move.delaySeconds + chain.seconds(to, unit, unit + 1);
        const key = `${to} ${first}`;
        if (own < (next.get(key)?.cost ?? Number.POSITIVE_INFINITY))
          next.set(key, { cost: own, used: [...used, to], since: first });
      }
    }
    starts = [...next.values()];
  }
  const total = ({ cost, used }: Start): number => {
    const back = chain.crossingTime(chain.units.length, used.at(-1) ?? 0, chain.index.sink);
    return cost + back.occupiedSeconds + back.delaySeconds;
  };
  return starts.sort((left, right) => total(left) - total(right))[0]?.used ?? null;
}

describe('memory of coinfer', () => {
  it('is never exceeded on 1000 tight problems, where forgetting what a left device holds often does', async () => {
    let [plans, forgot] = [0, 0];
    for (let seed = 0; seed < 1000; seed++) {
      const problem = tightProblem(seed);
      const evaluator = createEvaluator(problem);
      const result = await plan(problem, 'coinfer');
      if (result.kind === 'plan') {
        plans++;
        expect(evaluator.evaluate(result.plan).violations).toEqual([]);
      }
      const used = forgetful(problem);
      if (used === null) continue;
      const chain = ChainCosts.of(problem, 36);
      const stages = chain.stages(used.map((device, unit) => ({ device, first: unit, end: unit + 1 })));
      const { violations } = evaluator.evaluate(planOf(problem, '', joined(stages), 'test'));
      if (violations.some((text) => text.includes('more than its'))) forgot++;
    }
    expect(plans).toBeGreaterThan(800);
    expect(forgot).toBeGreaterThan(50);
  }, 60_000);
});

function joined(stages: readonly { device: string; nodes: readonly number[] }[]): {
  device: string;
  nodes: readonly number[];
}[] {
  const runs: { device: string; nodes: readonly number[] }[] = [];
  for (const stage of stages) {
    const last = runs.at(-1);
    if (last?.device === stage.device) last.nodes = [...last.nodes, ...stage.nodes];
    else runs.push({ ...stage });
  }
  return runs;
}

describe('coinfer where a device needs more for its runs than for their segments', () => {
  it('tries again with less memory everywhere until a plan fits', async () => {
    const problem = coinferFleet(graphOf(zooModel('vit-h-14', { batch: 1 })), 26, 1.6);
    const result = await plan(problem, 'coinfer');
    expect(result.kind).toBe('plan');
    expect(result.evaluations).toBeGreaterThan(4);
    if (result.kind === 'plan') expect(createEvaluator(problem).evaluate(result.plan).violations).toEqual([]);
  });
});
