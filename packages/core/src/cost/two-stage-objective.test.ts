import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boardPower } from '../cluster/board-power.ts';
import { InvalidInputError, UnsupportedError } from '../errors.ts';
import { allCuts } from '../graph/all-cuts.ts';
import type { Cut } from '../graph/graph.ts';
import { planOf } from '../plan/plan-of.ts';
import type { Objective, Problem } from '../plan/problem.ts';
import { randomProblem } from '../plan/random-problem.ts';
import { createRandom, type Random } from '../random.ts';
import { hertz, watts } from '../units.ts';
import { createEvaluator } from './evaluate.ts';
import { objectiveValue } from './objective-value.ts';
import { TwoStageObjective, type TwoStagePair } from './two-stage-objective.ts';

const objectives: readonly Objective[] = [
  { kind: 'latency' },
  { kind: 'period' },
  { kind: 'makespan' },
  { kind: 'energy' },
  {
    kind: 'weighted',
    terms: [
      { figure: 'makespanSeconds', weight: 0.3, reference: 2 },
      { figure: 'energyJoules', weight: 0.7, reference: 5 },
    ],
  },
  { kind: 'lexicographic', figures: ['periodSeconds', 'latencySeconds'] },
];

/** Three devices with power; source, sink, pair and objective at random. */
function subject(seed: number): { problem: Problem; pair: TwoStagePair; random: Random } {
  const random = createRandom(seed);
  const options = { graph: { nodes: 7 }, devices: 3, missingLinks: 0.1 };
  const plain = randomProblem(random.split('problem'), options);
  const devices = plain.cluster.devices.map((device, index) => ({
    ...device,
    frequencies: { kind: 'range', minimumHertz: hertz(1), maximumHertz: hertz(4) } as const,
    power: boardPower(index),
  }));
  const links = plain.cluster.links.map((link) => ({ ...link, transmitWatts: watts(2) }));
  const any = (): string => `d${random.integer(3)}`;
  const first = any();
  const second = `d${(Number(first.slice(1)) + 1 + random.integer(2)) % 3}`;
  const problem: Problem = {
    ...plain,
    cluster: { ...plain.cluster, devices, links },
    workload: { arrivals: { kind: 'batch', requests: 1 + random.integer(4) }, source: any(), sink: any() },
    objective: objectives[random.integer(objectives.length)] ?? { kind: 'latency' },
  };
  return { problem, pair: { first, second }, random };
}

function planAt(problem: Problem, { first, second }: TwoStagePair, cut: Cut) {
  const before = new Set(cut.nodes);
  const rest = [...problem.graph.nodes.keys()].filter((node) => !before.has(node));
  const stages = [
    { device: first, nodes: cut.nodes },
    { device: second, nodes: rest },
  ];
  return planOf(problem, '', stages, 'test', { frequency: { [first]: hertz(2) } });
}

function expectNear(actual: number, expected: number): void {
  if (actual === expected) return;
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-9 * Math.abs(expected));
}

describe('TwoStageObjective', () => {
  it('equals the full report on every cut of random graphs, wherever requests come from and go', () => {
    let finite = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const { problem, pair } = subject(seed);
        const { graph, workload } = problem;
        fc.pre(
          workload.source === workload.sink || !graph.inputs.some((input) => graph.outputs.includes(input)),
        );
        const cuts = allCuts(graph, 4096);
        const scalar = new TwoStageObjective(problem, cuts, pair, { [pair.first]: hertz(2) });
        const evaluator = createEvaluator(problem);
        expect(scalar.count).toBe(cuts.length);
        for (const [index, cut] of cuts.entries()) {
          const report = evaluator.evaluate(planAt(problem, pair, cut));
          expectNear(scalar.latencySeconds(index), report.latencySeconds);
          expectNear(scalar.periodSeconds(index), report.periodSeconds);
          expectNear(scalar.makespanSeconds(index), report.makespanSeconds);
          expectNear(scalar.energyJoules(index), report.energyJoules ?? Number.POSITIVE_INFINITY);
          if (report.latencySeconds === Number.POSITIVE_INFINITY) continue;
          finite++;
          expectNear(scalar.value(index), objectiveValue(problem.objective, report));
        }
      }),
      { numRuns: 300, seed: 41 },
    );
    expect(finite).toBeGreaterThan(1000);
  });

  it('refuses what it cannot price', () => {
    const { problem } = subject(1);
    const cuts = allCuts(problem.graph, 4096);
    const make = (changed: Problem, first: string, second: string) => () =>
      new TwoStageObjective(changed, cuts, { first, second });
    expect(make(problem, 'd0', 'd0')).toThrow(InvalidInputError);
    expect(make(problem, 'd0', 'moon')).toThrow(/moon/);
    const devices = randomProblem(createRandom(1), { devices: 3 }).cluster.devices;
    const dark: Problem = {
      ...problem,
      cluster: { ...problem.cluster, devices },
      objective: { kind: 'energy' },
    };
    expect(make(dark, 'd0', 'd1')).toThrow(/not known/);
    const { graph } = problem;
    const passing: Problem = {
      ...problem,
      graph: { ...graph, outputs: [...graph.outputs, ...graph.inputs] },
      workload: { ...problem.workload, source: 'd0', sink: 'd2' },
    };
    expect(make(passing, 'd0', 'd1')).toThrow(UnsupportedError);
  });
});
