import { describe, expect, it } from 'vitest';
import { evaluate } from '../cost/evaluate.ts';
import { objectiveValue } from '../cost/objective-value.ts';
import { prefixCuts } from '../graph/cut.ts';
import { type CodecOf, planOf } from '../plan/plan-of.ts';
import type { Objective } from '../plan/problem.ts';
import { randomProblem } from '../plan/random-problem.ts';
import type { TransferCodec } from '../plan/transfer-codec.ts';
import { nodeRanges } from '../profile/node-ranges.ts';
import { createRandom } from '../random.ts';
import { bitsPerSecond, seconds } from '../units.ts';
import { plannerProblem, withObjective } from './conformance.ts';
import { TwoStageCosts } from './two-stage-costs.ts';

describe('TwoStageCosts', () => {
  it.each([1, 2, 3, 4, 5])('prices measured segments as evaluate does (seed %i)', (seed) => {
    const plain = randomProblem(createRandom(seed), { measured: 1 });
    const { graph } = plain;
    const rest = (nodes: readonly number[]) =>
      graph.nodes.map(({ id }) => id).filter((id) => !nodes.includes(id));
    const cuts = prefixCuts(graph).slice(1, -1);
    const segments = cuts.flatMap(({ nodes }, index) =>
      [
        { device: 'd0', segment: nodeRanges(nodes) },
        { device: 'd1', segment: nodeRanges(rest(nodes)) },
      ].map((row) => ({ ...row, seconds: seconds(index + 1 / 7), source: 'measured' as const })),
    );
    const problem = { ...plain, profile: { ...plain.profile, segments } };
    const costs = new TwoStageCosts(problem);
    for (const [index, cut] of cuts.entries()) {
      const stages = [
        { device: 'd0', nodes: cut.nodes },
        { device: 'd1', nodes: rest(cut.nodes) },
      ];
      const report = evaluate(problem, planOf(problem, 'digest', stages, 'by-hand'));
      const { latencySeconds } = costs.cost(cut, { first: 'd0', second: 'd1' });
      expect(latencySeconds).toBeCloseTo(report.latencySeconds, 9);
      const times = report.stages.filter(({ source }) => source === 'measured');
      for (const { computeSeconds } of times) expect(computeSeconds).toBeCloseTo(index + 1 / 7, 9);
    }
  });

  const objectives: readonly Objective[] = [
    { kind: 'period' },
    { kind: 'makespan' },
    { kind: 'energy' },
    { kind: 'weighted', terms: [{ figure: 'energyJoules', weight: 2, reference: 5 }] },
  ];
  it.each(objectives)('scores $kind as evaluate does', (objective) => {
    let finite = 0;
    for (let seed = 0; seed < 60; seed++) {
      const random = createRandom(seed);
      const problem = withObjective(plannerProblem(random), objective, random);
      const costs = new TwoStageCosts(problem);
      const everything = problem.graph.nodes.map(({ id }) => id);
      for (const cut of prefixCuts(problem.graph)) {
        const stages = [
          { device: 'd0', nodes: cut.nodes },
          { device: 'd1', nodes: everything.filter((id) => !cut.nodes.includes(id)) },
        ];
        const report = evaluate(problem, planOf(problem, 'digest', stages, 'by-hand'));
        const scored = costs.cost(cut, { first: 'd0', second: 'd1' }).objective[0] ?? Number.NaN;
        const expected = objectiveValue(objective, report);
        if (expected === Number.POSITIVE_INFINITY) expect(scored).toBe(expected);
        else expect(Math.abs(scored - expected)).toBeLessThanOrEqual(1e-9 * expected);
        if (expected > 0 && Number.isFinite(expected)) finite++;
      }
    }
    expect(finite).toBeGreaterThan(100);
  });

  it('prices links whose rate changes at the rates that each tensor meets, as evaluate does', () => {
    let differ = 0;
    for (let seed = 0; seed < 20; seed++) {
      const plain = plannerProblem(createRandom(seed));
      const points = [0, 1, 2, 3].map((at) => ({
        seconds: seconds(at / 4),
        bitsPerSecond: bitsPerSecond(at % 2 === 0 ? 40 : 7),
      }));
      const links = plain.cluster.links.map((link) => ({
        ...link,
        rate: { kind: 'trace', points, loop: true } as const,
      }));
      const traced = { ...plain, cluster: { ...plain.cluster, links } };
      const constant = links.map((link) => ({
        ...link,
        rate: { kind: 'constant', bitsPerSecond: bitsPerSecond(40) } as const,
      }));
      const costs = new TwoStageCosts(traced);
      const first = new TwoStageCosts({ ...plain, cluster: { ...plain.cluster, links: constant } });
      for (const cut of prefixCuts(traced.graph)) {
        const own = new Set(cut.nodes);
        const rest = [...traced.graph.nodes.keys()].filter((id) => !own.has(id));
        const stages = [
          { device: 'd0', nodes: cut.nodes },
          { device: 'd1', nodes: rest },
        ];
        const report = evaluate(traced, planOf(traced, 'digest', stages, 'by-hand'));
        const pair = { first: 'd0', second: 'd1' };
        const { latencySeconds } = costs.cost(cut, pair);
        if (report.latencySeconds === Number.POSITIVE_INFINITY)
          expect(latencySeconds).toBe(report.latencySeconds);
        else expect(latencySeconds).toBeCloseTo(report.latencySeconds, 9);
        if (latencySeconds !== first.cost(cut, pair).latencySeconds) differ++;
      }
    }
    expect(differ).toBeGreaterThan(20);
  });

  it('prices coded tensors as evaluate does', () => {
    const codecs: readonly TransferCodec[] = [
      { kind: 'raw' },
      { kind: 'affine', bits: 3, perChannel: false },
      { kind: 'affine', bits: 8, perChannel: false },
      { kind: 'fp16' },
    ];
    const codecOf: CodecOf = ({ tensor, to }) =>
      codecs[(tensor + to.length + Number(to === 'd1')) % codecs.length] ?? { kind: 'raw' };
    let saved = 0;
    for (let seed = 0; seed < 100; seed++) {
      const problem = plannerProblem(createRandom(seed));
      const costs = new TwoStageCosts(problem);
      const everything = problem.graph.nodes.map(({ id }) => id);
      for (const cut of prefixCuts(problem.graph)) {
        const stages = [
          { device: 'd0', nodes: cut.nodes },
          { device: 'd1', nodes: everything.filter((id) => !cut.nodes.includes(id)) },
        ];
        const report = evaluate(problem, planOf(problem, 'digest', stages, 'by-hand', { codecOf }));
        const scored = costs.cost(cut, { first: 'd0', second: 'd1' }, codecOf);
        expect(scored.bytesSent).toBe(report.bytesSent);
        expect(scored.latencySeconds).toBeCloseTo(report.latencySeconds, 9);
        if (scored.bytesSent < costs.cost(cut, { first: 'd0', second: 'd1' }).bytesSent) saved++;
      }
    }
    expect(saved).toBeGreaterThan(100);
  });
});
