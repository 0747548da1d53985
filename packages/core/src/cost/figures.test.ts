import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cluster, Device } from '../cluster/cluster.ts';
import type { Power } from '../cluster/hardware.ts';
import { InvalidInputError } from '../errors.ts';
import { planOf } from '../plan/plan-of.ts';
import type { Objective, Problem } from '../plan/problem.ts';
import { problemOf } from '../plan/problem-of.ts';
import { randomProblem } from '../plan/random-problem.ts';
import { readPlan } from '../plan/read-plan.ts';
import { validatePlan } from '../plan/validate-plan.ts';
import { writePlan } from '../plan/write-plan.ts';
import { createRandom } from '../random.ts';
import { hertz, joules, seconds, watts } from '../units.ts';
import { costTables, occupiedSeconds } from './cost-tables.ts';
import { createEvaluator, evaluate } from './evaluate.ts';
import { compareByObjective, objectiveValue } from './objective-value.ts';
import { drawOf } from './power.ts';

const law: Power = {
  kind: 'law',
  staticWatts: watts(2),
  idleWatts: watts(1),
  dynamicWattsAtMaximum: watts(8),
  exponent: 3,
};
const table: Power = {
  kind: 'table',
  idleWatts: watts(1),
  points: [
    { hertz: hertz(1e9), watts: watts(3) },
    { hertz: hertz(2e9), watts: watts(7) },
  ],
};
const range = { kind: 'range', minimumHertz: hertz(1e9), maximumHertz: hertz(2e9) } as const;

/** A chain of `nodes` nodes on two devices with clocks and power. */
function powered(seed: number, nodes = 6, options: Partial<Device> = {}): Problem {
  const problem = randomProblem(createRandom(seed), { graph: { kind: 'chain', nodes } });
  const { cluster } = problem;
  const devices = cluster.devices.map((device) => ({
    ...device,
    power: law,
    frequencies: range,
    ...options,
  }));
  const links = cluster.links.map((link) => ({ ...link, transmitWatts: watts(4), receiveWatts: watts(0.5) }));
  return { ...problem, cluster: { ...cluster, devices, links } };
}

function halves(problem: Problem, at: number) {
  const nodes = [...problem.graph.nodes.keys()];
  return [
    { device: 'd0', nodes: nodes.slice(0, at) },
    { device: 'd1', nodes: nodes.slice(at) },
  ];
}

const withDevice = (problem: Problem, change: Partial<Device>): Problem => {
  const [first, ...others] = problem.cluster.devices;
  const devices = first === undefined ? others : [{ ...first, ...change }, ...others];
  const cluster: Cluster = { ...problem.cluster, devices };
  return { ...problem, cluster };
};

describe('drawOf', () => {
  it.each([
    { what: 'a law at the highest rate', power: law, rate: undefined, draw: [2, 8, 1] },
    { what: 'a law at half of it', power: law, rate: 1e9, draw: [2, 1, 1] },
    { what: 'a table at the highest rate', power: table, rate: undefined, draw: [1, 6, 1] },
    { what: 'a table between points', power: table, rate: 1.5e9, draw: [1, 4, 1] },
  ])('reads $what', ({ power, rate, draw }) => {
    const device = powered(1, 2, { power }).cluster.devices[0];
    if (device === undefined) throw new Error('no device');
    const drawn = drawOf(device, rate === undefined ? undefined : { d0: hertz(rate) });
    expect([drawn?.staticWatts, drawn?.dynamicWatts, drawn?.idleWatts]).toEqual(draw);
  });
});

describe('figures of a report', () => {
  const seeds = fc.integer({ min: 0, max: 1e6 });
  const cuts = fc.integer({ min: 0, max: 6 });

  it('adds energy up from busy, idle and radio time', () => {
    fc.assert(
      fc.property(seeds, cuts, (seed, at) => {
        const problem = powered(seed);
        const report = evaluate(problem, planOf(problem, '', halves(problem, at), 'test'));
        let sum = 0;
        for (const { busySeconds, energy } of report.devices) {
          sum += 10 * busySeconds + 1 * (report.latencySeconds - busySeconds);
          expect(energy?.staticJoules).toBeCloseTo(2 * busySeconds, 9);
          expect(energy?.dynamicJoules).toBeCloseTo(8 * busySeconds, 9);
        }
        for (const { busySeconds } of report.links) sum += 4.5 * busySeconds;
        expect(report.energyJoules).toBeCloseTo(sum, 9);
        expect(report.energyUnknown).toBeNull();
      }),
      { numRuns: 100, seed: 31 },
    );
  });

  it('says which power is missing instead of counting nothing', () => {
    const problem = powered(3);
    const [first, second] = problem.cluster.devices;
    if (first === undefined || second === undefined) throw new Error('no devices');
    const { power, ...bare } = second;
    const cluster = { ...problem.cluster, devices: [first, bare] };
    const report = evaluate({ ...problem, cluster }, planOf(problem, '', halves(problem, 3), 'test'));
    expect(power).toBeDefined();
    expect(report.energyJoules).toBeNull();
    expect(report.energyUnknown).toBe("The cluster does not state the power of 'd1'.");
    expect(report.devices.map(({ energy }) => energy)).toEqual([null, null]);
  });

  it('takes no less time at a lower clock, and scales only what computes', () => {
    fc.assert(
      fc.property(seeds, cuts, fc.double({ min: 1e9, max: 2e9, noNaN: true }), (seed, at, rate) => {
        const problem = powered(seed);
        const frequency = { d0: hertz(rate) };
        const stages = halves(problem, at);
        const fast = evaluate(problem, planOf(problem, '', stages, 'test'));
        const plan = planOf(problem, '', stages, 'test', { frequency });
        expect(validatePlan(problem, plan)).toEqual([]);
        const slow = createEvaluator(problem).evaluate(plan);
        expect(slow.latencySeconds).toBeGreaterThanOrEqual(fast.latencySeconds * (1 - 1e-12));
        const busy = fast.devices[0]?.busySeconds ?? 0;
        expect(slow.devices[0]?.busySeconds).toBeLessThanOrEqual(((busy * 2e9) / rate) * (1 + 1e-12));
        expect(slow.devices[0]?.energy?.dynamicJoules ?? 0).toBeLessThanOrEqual(
          (fast.devices[0]?.energy?.dynamicJoules ?? 0) * (1 + 1e-12),
        );
      }),
      { numRuns: 100, seed: 32 },
    );
  });

  it('sums the tables: busy times of devices and links are the coefficients, at any clock', () => {
    fc.assert(
      fc.property(seeds, cuts, (seed, at) => {
        const problem = powered(seed);
        const frequency = { d1: hertz(1.25e9) };
        const { compute, transfer } = costTables(problem, frequency);
        const plan = planOf(problem, '', halves(problem, at), 'test', { frequency });
        const report = evaluate(problem, plan);
        for (const { device, busySeconds } of report.devices) {
          const row = compute.seconds[compute.devices.indexOf(device)] ?? [];
          const nodes = plan.stages
            .filter((stage) => stage.device === device)
            .flatMap((stage) => stage.nodes);
          expect(busySeconds).toBeCloseTo(
            nodes.reduce((sum, node) => sum + (row[node] ?? 0), 0),
            9,
          );
        }
        for (const { from, to, busySeconds } of report.links) {
          const link = transfer.links.find((row) => row.from === from && row.to === to);
          const sizes = plan.transfers.filter((sent) => sent.from === from && sent.to === to);
          const sum = sizes.reduce(
            (time, { tensor }) =>
              link === undefined
                ? time
                : time + occupiedSeconds(link, problem.graph.tensors[tensor]?.bytes ?? 0),
            0,
          );
          expect(busySeconds).toBeCloseTo(sum, 9);
        }
      }),
      { numRuns: 100, seed: 33 },
    );
  });

  it('finishes a batch on a chain after the sum and one bottleneck for each further request', () => {
    const one = powered(5);
    const many = problemOf(one.graph, one.cluster, { profile: one.profile, requests: 4 });
    const stages = halves(one, 2);
    const alone = evaluate(one, planOf(one, '', stages, 'test'));
    const batch = evaluate(many, planOf(many, '', stages, 'test'));
    expect(alone.makespanSeconds).toBe(alone.latencySeconds);
    expect(batch.makespanSeconds).toBe(alone.latencySeconds + 3 * alone.periodSeconds);
    expect(batch.devices[0]?.queueBytes).toBeGreaterThan(0);
    expect(batch.devices[0]?.memoryBytes).toBe(
      (alone.devices[0]?.memoryBytes ?? 0) + (batch.devices[0]?.queueBytes ?? 0),
    );
  });

  it('leaves the bottleneck without a bubble in a steady stream', () => {
    const problem = powered(6);
    const report = evaluate(problem, planOf(problem, '', halves(problem, 3), 'test'));
    const parts = [...report.devices, ...report.links];
    expect(Math.min(...parts.map(({ bubbles }) => bubbles.steadySeconds))).toBe(0);
    for (const { busySeconds, bubbles } of parts) {
      expect(bubbles.steadySeconds).toBeCloseTo(report.periodSeconds - busySeconds, 12);
      expect(bubbles.windowSeconds).toBeCloseTo(report.latencySeconds - busySeconds, 12);
      expect(bubbles.internalSeconds).toBeLessThanOrEqual(bubbles.windowSeconds);
    }
  });

  it('needs no more memory when parameters are transient, and less where stages share a device', () => {
    fc.assert(
      fc.property(seeds, cuts, (seed, at) => {
        const resident = powered(seed);
        const stages = halves(resident, at).map(({ nodes }) => ({ device: 'd0', nodes }));
        const constraints = { ...resident.constraints, memory: 'transient' as const };
        const transient = { ...resident, constraints };
        const plan = planOf(resident, '', stages, 'test');
        const most = evaluate(resident, plan).peakMemoryBytes;
        expect(evaluate(transient, plan).peakMemoryBytes).toBeLessThanOrEqual(most);
      }),
      { numRuns: 100, seed: 34 },
    );
  });

  it('holds a plan to the latency and energy that a request may take', () => {
    const problem = powered(7);
    const plan = planOf(problem, '', halves(problem, 3), 'test');
    const { latencySeconds, energyJoules } = evaluate(problem, plan);
    const limits = {
      latencySeconds: seconds(latencySeconds / 2),
      energyJoules: joules((energyJoules ?? 0) / 2),
    };
    const bounded = { ...problem, constraints: { ...problem.constraints, ...limits } };
    expect(evaluate(bounded, plan).violations).toEqual([
      `A request takes ${latencySeconds} s, and may take ${latencySeconds / 2} s.`,
      `A request costs ${energyJoules} J, and may cost ${(energyJoules ?? 0) / 2} J.`,
    ]);
  });
});

describe('objectives', () => {
  const figures = {
    latencySeconds: seconds(4),
    periodSeconds: seconds(2),
    makespanSeconds: seconds(10),
    energyJoules: joules(30),
    energyUnknown: null,
  };

  it.each<{ objective: Objective; value: number }>([
    { objective: { kind: 'latency' }, value: 4 },
    { objective: { kind: 'period' }, value: 2 },
    { objective: { kind: 'makespan' }, value: 10 },
    { objective: { kind: 'energy' }, value: 30 },
    {
      objective: {
        kind: 'weighted',
        terms: [
          { figure: 'periodSeconds', weight: 0.5, reference: 4 },
          { figure: 'energyJoules', weight: 2, reference: 10 },
        ],
      },
      value: 6.25,
    },
    { objective: { kind: 'lexicographic', figures: ['periodSeconds', 'latencySeconds'] }, value: 2 },
  ])('$objective.kind is $value', ({ objective, value }) => {
    expect(objectiveValue(objective, figures)).toBe(value);
  });

  it('breaks the ties of a lexicographic objective by the next figure', () => {
    const objective: Objective = { kind: 'lexicographic', figures: ['periodSeconds', 'latencySeconds'] };
    expect(compareByObjective(objective, figures, { ...figures, latencySeconds: seconds(5) })).toBe(-1);
    expect(compareByObjective(objective, figures, { ...figures, periodSeconds: seconds(1) })).toBe(1);
    expect(compareByObjective(objective, figures, figures)).toBe(0);
  });

  it('refuses to compare by an energy that is not known', () => {
    const unknown = { ...figures, energyJoules: null, energyUnknown: 'No power.' };
    expect(() => objectiveValue({ kind: 'energy' }, unknown)).toThrow(InvalidInputError);
    expect(() => objectiveValue({ kind: 'energy' }, unknown)).toThrow(/No power/);
  });

  it.each([
    { kind: 'weighted', terms: [] },
    { kind: 'weighted', terms: [{ figure: 'latencySeconds', weight: -1, reference: 1 }] },
    { kind: 'weighted', terms: [{ figure: 'latencySeconds', weight: 1, reference: 0 }] },
    { kind: 'lexicographic', figures: [] },
  ] satisfies Objective[])('refuses %j', (objective) => {
    const { graph, cluster } = powered(1);
    expect(() => problemOf(graph, cluster, { objective })).toThrow(InvalidInputError);
  });
});

describe('clocks of a plan', () => {
  it('come back from a file', () => {
    const problem = powered(1);
    const frequency = { d0: hertz(1.5e9) };
    const plan = planOf(problem, 'a'.repeat(64), halves(problem, 3), 'test', { frequency });
    expect(readPlan(writePlan(plan), problem, plan.problemDigest)).toEqual(plan);
    const broken = writePlan(plan).replace('1500000000', '"fast"');
    expect(() => readPlan(broken, problem, plan.problemDigest)).toThrow(/frequency.d0 is "fast"/);
  });

  it.each([
    { what: 'above its range', change: {}, rate: 3e9, fault: /cannot run at 3000000000 Hz: expected from/ },
    {
      what: 'between levels',
      change: { frequencies: { kind: 'levels', levelsHertz: [hertz(1e9), hertz(2e9)] } as const },
      rate: 1.5e9,
      fault: /expected one of 1000000000, 2000000000/,
    },
  ])('are refused $what', ({ change, rate, fault }) => {
    const problem = withDevice(powered(1), change);
    const plan = planOf(problem, '', halves(problem, 3), 'test', { frequency: { d0: hertz(rate) } });
    expect(validatePlan(problem, plan).join()).toMatch(fault);
  });
});
