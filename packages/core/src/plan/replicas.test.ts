import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import type { Plan, Replica, Stage } from './plan.ts';
import { planOf } from './plan-of.ts';
import { planWays } from './plan-ways.ts';
import { randomProblem } from './random-problem.ts';
import { readPlan } from './read-plan.ts';
import { stageNumbers } from './stage-numbers.ts';
import { validatePlan } from './validate-plan.ts';
import { writePlan } from './write-plan.ts';

const problem = randomProblem(createRandom(4), { graph: { kind: 'chain', nodes: 4 }, devices: 3 });
const digest = 'a'.repeat(64);

const on = (...weights: readonly (readonly [string, number])[]): readonly Replica[] =>
  weights.map(([device, weight]) => ({ device, weight }));

/** Two nodes on d0, two on d1, each stage with replicas where they are given. */
function planWith(front?: readonly Replica[], back?: readonly Replica[]): Plan {
  const stage = (device: string, nodes: readonly number[], replicas?: readonly Replica[]): Stage =>
    replicas === undefined ? { device, nodes } : { device, nodes, replicas };
  return planOf(problem, digest, [stage('d0', [0, 1], front), stage('d1', [2, 3], back)], 'test');
}

const devicesOf = ({ stages }: Pick<Plan, 'stages'>): string => stages.map(({ device }) => device).join(' ');

describe('a plan with replicas', () => {
  it('runs its requests on each by turns, as often as the weights say', () => {
    const plan = planWith(undefined, on(['d1', 2], ['d2', 1]));
    expect(validatePlan(problem, plan)).toEqual([]);
    const { ways, pattern } = planWays(problem, plan);
    expect(pattern.map((way) => devicesOf(ways[way] ?? plan))).toEqual(['d0 d1', 'd0 d2', 'd0 d1']);
    for (const way of ways) expect(validatePlan(problem, way)).toEqual([]);
    expect(stageNumbers(ways).numbers).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  it('lets every stage take its own turns', () => {
    const plan = planWith(on(['d0', 1], ['d2', 1]), on(['d1', 2], ['d2', 1]));
    const { ways, pattern } = planWays(problem, plan);
    expect(pattern.map((way) => devicesOf(ways[way] ?? plan))).toEqual([
      'd0 d1',
      'd2 d2',
      'd0 d1',
      'd2 d1',
      'd0 d2',
      'd2 d1',
    ]);
  });

  it('keeps the codec of each way that a tensor takes', () => {
    const plan = planWith(undefined, on(['d1', 1], ['d2', 1]));
    const coded = {
      ...plan,
      transfers: plan.transfers.map((transfer) =>
        transfer.to === 'd2' ? { ...transfer, codec: { kind: 'fp16' } as const } : transfer,
      ),
    };
    const { ways } = planWays(problem, coded);
    const kinds = ways.map(({ transfers }) => transfers.find(({ from }) => from === 'd0')?.codec.kind);
    expect(kinds).toEqual(['raw', 'fp16']);
  });

  it('comes back from its file', () => {
    const plan = planWith(on(['d0', 1.5], ['d2', 1]), undefined);
    expect(readPlan(writePlan(plan), problem, digest)).toEqual(plan);
  });

  it.each<[string, readonly Replica[], RegExp]>([
    ['none', [], /Stage 1 has 0 replicas, expected 1 to 16/],
    ['another first device', on(['d2', 1], ['d1', 1]), /first replica of stage 1 is on 'd2', expected 'd1'/],
    ['a device twice', on(['d1', 1], ['d1', 1]), /Stage 1 has two replicas on one device/],
    ['no weight', on(['d1', 1], ['d2', 0]), /on 'd2' weighs 0, expected above 0/],
  ])('is refused with %s', (_what, replicas, message) => {
    const plan = planWith();
    const stages = plan.stages.map((stage, at) => (at === 1 ? { ...stage, replicas } : stage));
    expect(validatePlan(problem, { ...plan, stages }).join('\n')).toMatch(message);
  });

  it('is refused on an unknown device, without a transfer to a replica, with a mix or with too long a pattern', () => {
    const plan = planWith(undefined, on(['d1', 1], ['d2', 1]));
    const [front, back] = plan.stages;
    if (front === undefined || back === undefined) throw new Error('two stages');
    const strange = { ...plan, stages: [front, { ...back, replicas: on(['d1', 1], ['d9', 1]) }] };
    expect(validatePlan(problem, strange).join('\n')).toMatch(/Device 'd9' is not in the cluster/);
    const transfers = plan.transfers.filter(({ to }) => to !== 'd2');
    expect(validatePlan(problem, { ...plan, transfers }).join('\n')).toMatch(/from 'd0' to 'd2' is missing/);
    const mix = {
      variants: [{ stages: planWith().stages, transfers: planWith().transfers }],
      pattern: [0, 1],
    };
    expect(validatePlan(problem, { ...plan, mix }).join('\n')).toMatch(/replicas and a mix, expected one/);
    const long = planWith(on(['d0', 31], ['d2', 32]), on(['d1', 30], ['d2', 31]));
    expect(validatePlan(problem, long).join('\n')).toMatch(
      /a pattern of 3843 requests, expected at most 1024/,
    );
  });
});
