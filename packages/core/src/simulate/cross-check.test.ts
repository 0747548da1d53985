import { describe, expect, it } from 'vitest';
import { boardPower } from '../cluster/board-power.ts';
import { evaluate } from '../cost/evaluate.ts';
import { allCuts } from '../graph/all-cuts.ts';
import { metricsOf } from '../metrics/metrics-of.ts';
import { powerFigures } from '../metrics/power-figures.ts';
import { mixedPlan } from '../plan/mix.ts';
import type { Plan } from '../plan/plan.ts';
import { planOf } from '../plan/plan-of.ts';
import type { Problem } from '../plan/problem.ts';
import { randomProblem } from '../plan/random-problem.ts';
import { createRandom, type Random } from '../random.ts';
import { bitsPerSecond, hertz, seconds, watts } from '../units.ts';
import type { ScenarioArrivals } from './scenario.ts';
import { scenarioOf } from './scenario-of.ts';
import { simulate } from './simulate.ts';

/** Three devices whose times, all measured, never tie. */
function subject(random: Random, hasTraces = false, bursts = 0): Problem {
  const options = { devices: 3, elsewhere: 0.3, measured: 1, bursts };
  const problem = randomProblem(random.split('problem'), options);
  const { cluster, profile } = problem;
  const draw = random.split('draws');
  const devices = cluster.devices.map((device, index) => ({
    ...device,
    frequencies: { kind: 'range', minimumHertz: hertz(1), maximumHertz: hertz(4) } as const,
    power: boardPower(index),
  }));
  const links = cluster.links.map((link) => {
    const rates = [0, 1, 2].map(() => bitsPerSecond(1000 * (1 + 9 * draw.next())));
    const points = rates.map((rate, at) => ({ seconds: seconds(at * 2), bitsPerSecond: rate }));
    const rate = hasTraces
      ? ({ kind: 'trace', loop: true, points } as const)
      : ({ kind: 'constant', bitsPerSecond: rates[0] ?? bitsPerSecond(1) } as const);
    return { ...link, rate, transmitWatts: watts(2), receiveWatts: watts(1) };
  });
  const rows = profile.rows.map((row) => ({ ...row, seconds: seconds(0.01 + draw.next()) }));
  return { ...problem, cluster: { ...cluster, devices, links }, profile: { ...profile, rows } };
}

const digest = '0'.repeat(64);

function scatteredPlan(problem: Problem, random: Random): Plan {
  const stages = problem.graph.nodes.map(({ id }) => ({ device: `d${random.integer(3)}`, nodes: [id] }));
  return planOf(problem, digest, stages, 'scattered');
}

/** A front on the source and a back on the sink, so that a request visits every device and link once. */
function cutPlan(problem: Problem, random: Random): Plan {
  const cuts = allCuts(problem.graph, 4096);
  const front = cuts[random.integer(cuts.length)]?.nodes ?? [];
  const back = problem.graph.nodes.map(({ id }) => id).filter((id) => !front.includes(id));
  const stages = [
    { device: 'd0', nodes: front },
    { device: 'd2', nodes: back },
  ];
  return planOf(problem, digest, stages, 'cut');
}

const one: ScenarioArrivals = { kind: 'one' };

describe('the simulator and the cost model', () => {
  it.each([
    ['constant links', false, 0],
    ['links that follow traces', true, 0],
    ['constant links that let the first bytes through', false, 0.8],
    ['such links that follow traces', true, 0.8],
  ])('agree on one request: latency, bytes, energy and bubbles, over %s', (_name, hasTraces, bursts) => {
    for (let seed = 0; seed < 60; seed++) {
      const random = createRandom(seed).split('one request');
      const problem = subject(random, hasTraces, bursts);
      const plan = scatteredPlan(problem, random);
      const report = evaluate(problem, plan);
      const trace = simulate(scenarioOf(problem, plan, { arrivals: one }));
      const metrics = metricsOf(trace, { power: powerFigures(problem, plan) });
      expect(metrics.windowSeconds).toBeCloseTo(report.latencySeconds, 9);
      expect(metrics.bytesSent).toBe(report.bytesSent);
      expect(metrics.energy.energyJoules).toBeCloseTo(report.energyJoules ?? Number.NaN, 8);
      for (const { device, busySeconds, bubbles } of report.devices) {
        const own = metrics.devices.find((other) => other.device === device);
        expect(own?.busySeconds).toBeCloseTo(busySeconds, 9);
        expect(own?.bubbles.internalSeconds).toBeCloseTo(bubbles.internalSeconds, 8);
        expect(own?.bubbles.windowSeconds).toBeCloseTo(bubbles.windowSeconds, 8);
      }
    }
  });

  it('agree on the period of many requests, whatever the size of the queues', () => {
    for (let seed = 0; seed < 40; seed++) {
      const random = createRandom(seed).split('many requests');
      const problem: Problem = { ...subject(random), workload: workloadTo('d2') };
      const plan = cutPlan(problem, random);
      const { periodSeconds } = evaluate(problem, plan);
      const arrivals = { kind: 'batch', requests: 200 } as const;
      const queue = 1 + random.integer(8);
      const scenario = scenarioOf(problem, plan, { arrivals, queue, window: 64 });
      const { steadyRequestsPerSecond } = metricsOf(
        simulate({ ...scenario, acknowledgementSeconds: seconds(0) }),
      );
      const paced = (steadyRequestsPerSecond ?? 0) * periodSeconds;
      // Answers of 200 requests do not say the pace exactly; queues of one hold the sender up while a tensor travels.
      expect(paced).toBeLessThan(1.01);
      if (queue > 3) expect(paced).toBeGreaterThan(0.99);
    }
  });

  it('run what a mix says in its ways', () => {
    for (let seed = 0; seed < 20; seed++) {
      const random = createRandom(seed).split('mix');
      const problem = subject(random);
      const mix = mixedPlan([scatteredPlan(problem, random), scatteredPlan(problem, random)], [0, 1, 0]);
      const arrivals = { kind: 'periodic', seconds: seconds(1000), requests: 6 } as const;
      const metrics = metricsOf(simulate(scenarioOf(problem, mix, { arrivals })));
      expect(metrics.requests.answered).toBe(6);
      expect(metrics.bytesSent / 6).toBeCloseTo(evaluate(problem, mix).bytesSent, 6);
    }
  });

  it('take a link with a trace of one rate for a constant one', () => {
    const random = createRandom(5).split('constant');
    const problem = subject(random);
    const plan = scatteredPlan(problem, random);
    const traced = problem.cluster.links.map((link) => {
      const rate = link.rate.kind === 'constant' ? link.rate.bitsPerSecond : bitsPerSecond(1);
      const points = [0, 1, 5].map((at) => ({ seconds: seconds(at), bitsPerSecond: rate }));
      return { ...link, rate: { kind: 'trace', points, loop: false } as const };
    });
    const other: Problem = { ...problem, cluster: { ...problem.cluster, links: traced } };
    const answersOf = (subjectProblem: Problem): readonly number[] => {
      const arrivals = { kind: 'poisson', perSecond: 0.5, requests: 20 } as const;
      const { events } = simulate(scenarioOf(subjectProblem, plan, { arrivals }), { seed: 4 });
      return events.flatMap(({ kind, atSeconds }) => (kind === 'answer' ? [atSeconds] : []));
    };
    const [constant, withTrace] = [answersOf(problem), answersOf(other)];
    expect(withTrace).toHaveLength(20);
    for (const [at, answer] of withTrace.entries()) expect(answer).toBeCloseTo(constant[at] ?? Number.NaN, 9);
  });
});

const workloadTo = (sink: string): Problem['workload'] => ({ arrivals: { kind: 'one' }, source: 'd0', sink });
