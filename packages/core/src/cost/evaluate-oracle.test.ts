import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boardPower } from '../cluster/board-power.ts';
import type { Rate } from '../cluster/rate.ts';
import { allCuts } from '../graph/all-cuts.ts';
import type { RandomGraphKind } from '../graph/random-graph.ts';
import { partAtExits } from '../plan/part-at-exits.ts';
import { partForOverlap } from '../plan/part-for-overlap.ts';
import type { Plan, Stage } from '../plan/plan.ts';
import { type CodecOf, planOf } from '../plan/plan-of.ts';
import type { PrecisionPolicy } from '../plan/policies.ts';
import type { Problem } from '../plan/problem.ts';
import { randomExits } from '../plan/random-exits.ts';
import { randomProblem } from '../plan/random-problem.ts';
import { validatePlan } from '../plan/validate-plan.ts';
import { createRandom, type Random } from '../random.ts';
import { bitsPerSecond, bytesPerSecond, hertz, seconds, watts } from '../units.ts';
import { createEvaluator, evaluate } from './evaluate.ts';
import { evaluateOracle, type OracleReport } from './evaluate-oracle.ts';
import type { Report } from './report.ts';
import { TwoStageObjective } from './two-stage-objective.ts';

const seeds = fc.integer({ min: 0, max: 1e6 });

/** Three devices with power and load rates, on links of which many follow a trace; source, sink and memory at random. */
function subject(random: Random, traces: number, kind: RandomGraphKind = 'general'): Problem {
  const options = { graph: { kind, nodes: 9 }, devices: 3, elsewhere: 0.3, bursts: 0.4 };
  const { cluster, ...plain } = randomProblem(random.split('problem'), options);
  const devices = cluster.devices.map((device, index) => ({
    ...device,
    loadBytesPerSecond: bytesPerSecond(2 ** (8 + random.integer(5))),
    frequencies: { kind: 'range', minimumHertz: hertz(1), maximumHertz: hertz(4) } as const,
    power: boardPower(index),
  }));
  const links = cluster.links.map((link) => ({
    ...link,
    rate: random.next() < traces ? randomTrace(random) : link.rate,
    transmitWatts: watts(2),
    receiveWatts: watts(1),
  }));
  const memory = random.next() < 0.5 ? 'resident' : 'transient';
  return {
    ...plain,
    cluster: { ...cluster, devices, links },
    workload: { ...plain.workload, arrivals: { kind: 'batch', requests: 1 + random.integer(3) } },
    constraints: { ...plain.constraints, memory },
  };
}

/** Some start with an outage, some end in one; each carries something at some time. */
function randomTrace(random: Random): Rate {
  const rates: number[] = Array.from({ length: 1 + random.integer(5) }, () =>
    random.next() < 0.25 ? 0 : 2 ** (9 + random.integer(8)),
  );
  if (!rates.some((rate) => rate > 0)) rates[0] = 4096;
  return {
    kind: 'trace',
    loop: random.next() < 0.7,
    points: rates.map((rate, index) => ({ seconds: seconds(index * 3), bitsPerSecond: bitsPerSecond(rate) })),
  };
}

/** Nodes on devices at random, one stage each, or one stage for each part of a random cut, or that parted for overlap. */
function randomStages(problem: Problem, random: Random): Stage[] {
  const { graph } = problem;
  const any = (): string => `d${random.integer(3)}`;
  const kind = random.integer(3);
  if (kind === 0) return graph.nodes.map(({ id }) => ({ device: any(), nodes: [id] }));
  const cuts = allCuts(graph, 4096);
  const nodes = cuts[random.integer(cuts.length)]?.nodes ?? [];
  const behind = graph.nodes.map(({ id }) => id).filter((id) => !nodes.includes(id));
  const stages = [
    { device: any(), nodes },
    { device: any(), nodes: behind },
  ].filter((stage) => stage.nodes.length > 0);
  return kind === 1 ? stages : partForOverlap(problem, stages);
}

/** Stages on devices at random, parted at the exits of a setting; some transfers coded, and of those some with as many bits as a rule says. */
function randomPolicies(problem: Problem, random: Random): Plan {
  const settings = problem.exits?.settings ?? [];
  const exits = random.next() < 0.8 ? settings[random.integer(Math.max(1, settings.length))] : undefined;
  const stages = partAtExits(problem, randomStages(problem, random), exits?.points ?? []);
  const codecOf: CodecOf = () =>
    random.next() < 0.5 ? { kind: 'affine', bits: 6, perChannel: false } : { kind: 'raw' };
  const plan = planOf(problem, '', stages, 'test', { codecOf });
  const covered = plan.transfers.filter(({ codec }) => codec.kind === 'affine' && random.next() < 0.7);
  const share = random.integer(5) / 4;
  const precision: PrecisionPolicy = {
    rule: 'fill',
    transfers: covered.map(({ tensor, to }) => ({ tensor, to })),
    bits: [
      { bits: 3, share },
      { bits: 8, share: 1 - share },
    ],
  };
  const policies = {
    ...(exits === undefined ? {} : { exits }),
    ...(covered.length === 0 ? {} : { precision }),
  };
  return Object.keys(policies).length === 0 ? plan : { ...plan, policies };
}

function expectNear(actual: number | null | undefined, expected: number | null | undefined): void {
  if (actual === expected) return;
  expect(Math.abs((actual ?? Number.NaN) - (expected ?? Number.NaN))).toBeLessThanOrEqual(
    1e-9 * Math.max(1, Math.abs(expected ?? 0)),
  );
}

function expectEqual(report: Report, oracle: OracleReport): void {
  expectNear(report.latencySeconds, oracle.latencySeconds);
  expectNear(report.periodSeconds, oracle.periodSeconds);
  if (report.latencySeconds < Number.POSITIVE_INFINITY) expectNear(report.energyJoules, oracle.energyJoules);
  expectNear(report.bytesSent, oracle.bytesSent);
  expect(report.peakMemoryBytes).toBe(Math.max(...oracle.devices.map(({ memoryBytes }) => memoryBytes)));
  for (const [index, stage] of report.stages.entries()) {
    expectNear(stage.startSeconds, oracle.stages[index]?.[0]);
    expectNear(stage.endSeconds, oracle.stages[index]?.[1]);
  }
  for (const [index, transfer] of report.transfers.entries()) {
    expectNear(transfer.startSeconds, oracle.transfers[index]?.[0]);
    expectNear(transfer.endSeconds, oracle.transfers[index]?.[1]);
  }
  expectEqualResources(report, oracle);
}

function expectEqualResources(report: Report, oracle: OracleReport): void {
  const isFinite = report.latencySeconds < Number.POSITIVE_INFINITY;
  expect(report.devices.map(({ device }) => device)).toEqual(oracle.devices.map(({ device }) => device));
  for (const [index, row] of report.devices.entries()) {
    const expected = oracle.devices[index];
    for (const key of ['parameterBytes', 'activationBytes', 'memoryBytes', 'loadPeakBytes'] as const)
      expect(row[key]).toBe(expected?.[key]);
    expectNear(row.busySeconds, expected?.busySeconds);
    if (!isFinite) continue;
    expectNear(row.energy?.energyJoules, expected?.energyJoules);
    for (const key of ['internalSeconds', 'windowSeconds', 'steadySeconds'] as const)
      expectNear(row.bubbles[key], expected?.[key]);
  }
  const links = new Map(report.links.map((row) => [`${row.from}>${row.to}`, row]));
  expect([...links.keys()].sort()).toEqual(oracle.links.map(({ name }) => name));
  for (const expected of oracle.links) {
    const row = links.get(expected.name);
    expectNear(row?.busySeconds, expected.busySeconds);
    if (isFinite) expectNear(row?.bubbles.internalSeconds, expected.internalSeconds);
    expectNear(row?.bubbles.steadySeconds, expected.steadySeconds);
  }
  expect(report.overlap === null).toBe(oracle.overlap === null);
  expectNear(report.overlap?.parallelTransferSeconds, oracle.overlap?.transfer);
  expectNear(report.overlap?.parallelSecondSeconds, oracle.overlap?.tail);
}

describe('evaluate against the definitions', () => {
  it.each([
    { what: 'links of constant rate', traces: 0 },
    { what: 'links that follow traces', traces: 0.7 },
  ])('says the same of random plans over $what', ({ traces }) => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = createRandom(seed);
        const problem = subject(random, traces);
        const evaluator = createEvaluator(problem);
        // Several plans by one evaluator, so that what it remembers is used.
        for (let round = 0; round < 6; round++) {
          const stages = randomStages(problem, random);
          const options = random.next() < 0.3 ? { frequency: { d1: hertz(2) } } : {};
          const plan = planOf(problem, '', stages, 'test', options);
          expect(validatePlan(problem, plan)).toEqual([]);
          const report = evaluator.evaluate(plan);
          expectEqual(report, evaluateOracle(problem, plan));
          expect(report).toEqual(evaluate(problem, plan));
          expect(JSON.stringify(report)).not.toContain('undefined');
        }
      }),
      { numRuns: 150, seed: 51 },
    );
  });

  it.each([
    { what: 'links of constant rate', traces: 0 },
    { what: 'links that follow traces', traces: 0.7 },
  ])('says the same of plans with exits and chosen precision over $what', ({ traces }) => {
    let exits = 0;
    let precisions = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = createRandom(seed);
        const kind = random.next() < 0.5 ? 'chain' : 'series-parallel';
        const bare = subject(random, traces, kind);
        const table = randomExits(random, bare.graph);
        const problem = table === null ? bare : { ...bare, exits: table };
        const evaluator = createEvaluator(problem);
        for (let round = 0; round < 4; round++) {
          const plan = randomPolicies(problem, random);
          expect(validatePlan(problem, plan)).toEqual([]);
          const report = evaluator.evaluate(plan);
          const oracle = evaluateOracle(problem, plan);
          expectEqual(report, oracle);
          expect(report.expectation === undefined).toBe(plan.policies === undefined);
          if (plan.policies !== undefined)
            expectNear(report.expectation?.worstLatencySeconds, oracle.worstLatencySeconds);
          expect(JSON.stringify(report)).not.toContain('undefined');
          exits += plan.policies?.exits === undefined ? 0 : 1;
          precisions += plan.policies?.precision === undefined ? 0 : 1;
        }
      }),
      { numRuns: 150, seed: 54 },
    );
    expect(exits).toBeGreaterThan(100);
    expect(precisions).toBeGreaterThan(100);
  });

  it('bounds the request by what overlaps: Te + Tt + Tc − Tt^p − Tc^p ≤ latency', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = createRandom(seed);
        const problem = subject(random, 0.3);
        const plan = planOf(problem, '', randomStages(problem, random), 'test');
        const { overlap, latencySeconds } = evaluate(problem, plan);
        if (overlap === null) return;
        const { firstSeconds, transferSeconds, secondSeconds } = overlap;
        const once =
          firstSeconds +
          transferSeconds +
          secondSeconds -
          overlap.parallelTransferSeconds -
          overlap.parallelSecondSeconds;
        expect(once).toBeLessThanOrEqual(latencySeconds * (1 + 1e-12) + 1e-12);
      }),
      { numRuns: 300, seed: 52 },
    );
  });

  it('agrees with the objective of two stages on links that follow traces', () => {
    let finite = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = createRandom(seed);
        const problem = subject(random, 0.7);
        const cuts = allCuts(problem.graph, 4096);
        const objective = new TwoStageObjective(problem, cuts, { first: 'd0', second: 'd1' });
        for (const [index, cut] of cuts.entries()) {
          const behind = problem.graph.nodes.map(({ id }) => id).filter((id) => !cut.nodes.includes(id));
          const stages = [
            { device: 'd0', nodes: cut.nodes },
            { device: 'd1', nodes: behind },
          ];
          const report = evaluate(problem, planOf(problem, '', stages, 'test'));
          expectNear(objective.latencySeconds(index), report.latencySeconds);
          expectNear(objective.periodSeconds(index), report.periodSeconds);
          expectNear(objective.makespanSeconds(index), report.makespanSeconds);
          expectNear(objective.energyJoules(index), report.energyJoules ?? Number.POSITIVE_INFINITY);
          if (report.latencySeconds < Number.POSITIVE_INFINITY) finite++;
        }
      }),
      { numRuns: 60, seed: 53 },
    );
    expect(finite).toBeGreaterThan(1000);
  });
});
