import {
  type Codec,
  graphOf,
  type Plan,
  type Problem,
  parseCluster,
  planOf,
  problemOf,
  validatePlan,
  zooModel,
} from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { withChosenBits } from '../../packages/cli/src/reproduce/chosen-bits.ts';
import { stagesByWork } from '../pipeline/stages-by-work.ts';
import { decisionsFor } from './chosen-bits.ts';
import { slowMotionFor } from './slow-motion.ts';

const graph = graphOf(zooModel('cifar-resnet-8'), { batch: 1 });
const device = (id: string): object => ({ id, host: id, like: 'jetson-xavier-nx' });
const cluster = parseCluster({
  hosts: [{ id: 'end' }, { id: 'cloud' }],
  devices: [device('end'), device('cloud')],
  links: [{ from: 'end', to: 'cloud', megabitsPerSecond: 10, bothWays: true }],
});
const problemWith = (accuracyLoss: number): Problem => problemOf(graph, cluster, { accuracyLoss });
const affine = (bits: 4 | 6 | 7 | 8): Codec => ({ kind: 'affine', bits, perChannel: false });

function planWith(problem: Problem, codec: Codec, hosts: readonly string[] = ['end', 'cloud']): Plan {
  const stages = stagesByWork(
    graph,
    hosts.map((host) => ({ host, work: 1 })),
  );
  const plan = planOf(problem, '', stages, 'by-hand');
  const transfers = plan.transfers.map((own) => (own.from === 'end' ? { ...own, codec } : own));
  return { ...plan, transfers };
}

describe('the bits that may be chosen', () => {
  it.each([
    { loss: 0.005, planned: 7, range: [6, 7, 8] },
    { loss: 0.005, planned: 8, range: [6, 7, 8] },
    { loss: 0.0013, planned: 8, range: [8] },
    { loss: 0.02, planned: 6, range: [4, 5, 6, 7, 8] },
  ] as const)('are those within a loss of $loss', ({ loss, planned, range }) => {
    const problem = problemWith(loss);
    const plan = withChosenBits(problem, planWith(problem, affine(planned)));
    const { bits = [], rule } = plan.policies?.precision ?? {};
    expect(rule).toBe('fill');
    expect(bits.map((own) => own.bits)).toEqual(range);
    expect(bits.filter(({ share }) => share === 1).map((own) => own.bits)).toEqual([planned]);
    expect(plan.transfers.find(({ from }) => from === 'end')?.codec).toEqual(affine(8));
    expect(validatePlan(problem, plan)).toEqual([]);
  });

  it.each([
    ['what crosses is raw', { kind: 'raw' } as const, ['end', 'cloud']],
    ['the plan’s own are too few', affine(4), ['end', 'cloud']],
    ['the input itself is sent', affine(8), ['cloud']],
  ])('are none where %s', (_, codec, hosts) => {
    const problem = problemWith(0.005);
    const plan = planWith(problem, codec, hosts);
    expect(withChosenBits(problem, plan)).toBe(plan);
    expect(decisionsFor(problem, plan)).toBeNull();
  });

  it('are decided by agents where the plan cuts, and nothing leaves', () => {
    const problem = problemWith(0.005);
    const plan = withChosenBits(problem, planWith(problem, affine(8)));
    const decided = decisionsFor(problem, plan);
    expect(decided?.notes).toEqual([]);
    const [decision, more] = decided?.decisions ?? [];
    expect(more).toBeUndefined();
    expect(decision?.bits).toMatchObject({ rule: 'fill', least: 6, most: 8 });
    expect(decision?.by).toMatchObject({ kind: 'centres', thresholds: { exitAbove: null, offlineBits: 6 } });
  });
});

describe('the slow motion of a plan', () => {
  const problem = problemWith(0.005);
  const flops = graph.nodes.reduce((sum, node) => sum + node.flops, 0);
  const rateOf = (cores: number): number => (cores * 40e9) / flops;

  it.each([
    { what: 'no less than that of all', hosts: ['cloud'], cores: 2, times: 8 },
    { what: 'enough for one device', hosts: ['cloud'], cores: 16, times: 20 },
    { what: 'enough for both together', hosts: ['end', 'cloud'], cores: 24, times: 20 },
  ])('is $what', ({ hosts, cores, times }) => {
    const plan = planWith(problem, { kind: 'raw' }, hosts);
    const slower = slowMotionFor(problem, plan, rateOf(cores));
    expect(Math.abs(slower - times)).toBeLessThanOrEqual(1);
  });
});
