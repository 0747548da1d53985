import { describe, expect, it } from 'vitest';
import { evaluate } from '../cost/evaluate.ts';
import { metricsOf } from '../metrics/metrics-of.ts';
import type { Plan, Stage } from '../plan/plan.ts';
import { planOf } from '../plan/plan-of.ts';
import type { Problem } from '../plan/problem.ts';
import { randomProblem } from '../plan/random-problem.ts';
import type { SegmentTime } from '../profile/profile.ts';
import { createRandom } from '../random.ts';
import { seconds, watts } from '../units.ts';
import { scenarioOf } from './scenario-of.ts';
import { simulate } from './simulate.ts';

/** A chain of four nodes, on devices that draw power and can hold it twice over. */
function subject(seed: number): Problem {
  const drawn = randomProblem(createRandom(seed), {
    graph: { kind: 'chain', nodes: 4, idle: 0 },
    devices: 2,
    measured: 0.5,
  });
  const devices = drawn.cluster.devices.map((device) => ({
    ...device,
    launchSeconds: seconds(1),
    power: {
      kind: 'law',
      staticWatts: watts(1),
      idleWatts: watts(0),
      dynamicWattsAtMaximum: watts(3),
      exponent: 3,
    } as const,
  }));
  return {
    ...drawn,
    cluster: { ...drawn.cluster, devices },
    batchable: drawn.graph.nodes.map(({ id }) => id),
  };
}

const planWith = (problem: Problem, front: Partial<Stage>, device = 'd0'): Plan => {
  const nodes = problem.graph.nodes.map(({ id }) => id);
  const stages = [
    { device, nodes: nodes.slice(0, 2), ...front },
    { device: 'd1', nodes: nodes.slice(2) },
  ];
  return planOf(problem, '', stages, 'test');
};

describe('a stage that executes requests together', () => {
  it.each([2, 4, 8])('in batches of %i takes its device and energy as the cost model says', (batch) => {
    for (let seed = 0; seed < 20; seed++) {
      const problem = subject(seed);
      const plan = planWith(problem, { batch, batchWaitSeconds: seconds(1e6) });
      const report = evaluate(problem, plan);
      const alone = evaluate(problem, planWith(problem, {}));
      const [own, before] = [report, alone].map((one) => one.devices.find(({ device }) => device === 'd0'));
      const requests = 4 * batch;
      const trace = simulate(scenarioOf(problem, plan, { arrivals: { kind: 'batch', requests } }));
      const metrics = metricsOf(trace);
      expect(metrics.requests.answered).toBe(requests);
      const starts = trace.events.filter((event) => event.kind === 'stage-start' && event.stage === 0);
      expect(starts).toHaveLength(4);
      const measured = metrics.devices.find(({ device }) => device === 'd0')?.busySeconds ?? 0;
      expect(measured / requests).toBeCloseTo(own?.busySeconds ?? 0, 9);
      // A launch is shared: one request of a batch takes less, and the batch more, than one alone.
      expect(own?.busySeconds).toBeLessThan(before?.busySeconds ?? 0);
      expect(report.stages[0]?.computeSeconds).toBeGreaterThan(alone.stages[0]?.computeSeconds ?? 0);
      expect(report.stages[0]?.computeSeconds).toBeCloseTo(batch * (own?.busySeconds ?? 0), 9);
      expect(own?.energy?.dynamicJoules).toBeLessThan(before?.energy?.dynamicJoules ?? 0);
      expect(own?.activationBytes).toBeGreaterThan(before?.activationBytes ?? 0);
      expect(own?.parameterBytes).toBe(before?.parameterBytes);
    }
  });

  it('takes what was measured of so many requests, in the proportion of what was measured of one', () => {
    const problem = subject(3);
    const timed = (each: number): SegmentTime[] => [
      { segment: '0-1', device: 'd0', seconds: seconds(each), source: 'measured' },
    ];
    const otherBatches = [{ device: 'd0', requests: 4, rows: [], segments: timed(5) }];
    const measured = { ...problem, profile: { rows: [], segments: timed(2), otherBatches } };
    const [stage] = evaluate(measured, planWith(measured, { batch: 4 })).stages;
    expect(stage).toMatchObject({ computeSeconds: 5, source: 'measured', together: { aloneSeconds: 2 } });
    expect(evaluate(measured, planWith(measured, { batch: 2 })).stages[0]?.source).toBe('roofline');
  });

  it('lets a request alone wait as long as the plan says, and runs it alone', () => {
    const problem = subject(3);
    const plan = planWith(problem, { batch: 4, batchWaitSeconds: seconds(7) });
    const waited = metricsOf(simulate(scenarioOf(problem, plan))).latencySeconds?.p50 ?? 0;
    const alone = evaluate(problem, planWith(problem, {})).latencySeconds;
    expect(waited).toBeCloseTo(alone + 7, 9);
    expect(evaluate(problem, plan).latencySeconds).toBeGreaterThanOrEqual(waited);
  });

  it('keeps a batch from waiting past the deadline of its first', () => {
    const problem = subject(3);
    const plan = planWith(problem, { batch: 4, batchWaitSeconds: seconds(1e6) });
    const requestTimeoutSeconds = seconds(1000);
    const metrics = metricsOf(simulate(scenarioOf(problem, plan, { requestTimeoutSeconds })));
    expect(metrics.requests).toMatchObject({ answered: 1, failed: 0 });
  });

  it('with replicas shares their time as well', () => {
    const problem = subject(5);
    const replicas = [
      { device: 'd0', weight: 1 },
      { device: 'd1', weight: 1 },
    ];
    const [plan, single] = [planWith(problem, { batch: 4, replicas }), planWith(problem, { replicas })];
    const [batched, alone] = [plan, single].map((one) => evaluate(problem, one));
    const busy = (report: typeof batched): number =>
      report?.devices.find(({ device }) => device === 'd0')?.busySeconds ?? 0;
    expect(busy(batched)).toBeLessThan(busy(alone));
    const requests = 32;
    const wait = planWith(problem, { batch: 4, replicas, batchWaitSeconds: seconds(1e6) });
    const metrics = metricsOf(simulate(scenarioOf(problem, wait, { arrivals: { kind: 'batch', requests } })));
    const measured = metrics.devices.find(({ device }) => device === 'd0')?.busySeconds ?? 0;
    expect(measured / requests).toBeCloseTo(busy(batched), 9);
  });
});
