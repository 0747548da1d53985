import { describe, expect, it } from 'vitest';
import { createEvaluator } from '../cost/evaluate.ts';
import { prefixCuts } from '../graph/cut.ts';
import type { Plan } from '../plan/plan.ts';
import { planOf } from '../plan/plan-of.ts';
import type { Problem } from '../plan/problem.ts';
import { randomProblem } from '../plan/random-problem.ts';
import { createRandom } from '../random.ts';
import { bytes } from '../units.ts';
import type { Planner } from './planner.ts';
import { planners } from './planners.ts';
import { stillContextOf } from './still-context.ts';

async function planBy(planner: Planner, problem: Problem): Promise<Plan> {
  const result = await planner.plan(problem, stillContextOf(problem));
  if (result.kind === 'infeasible') throw new Error(result.reason);
  return result.plan;
}

function withInput(problem: Problem, shape: readonly number[]): Problem {
  const size = shape.reduce((product, length) => product * length, 4);
  const tensors = problem.graph.tensors.map((tensor) =>
    tensor.producer === 'input' ? { ...tensor, shape, bytes: bytes(size) } : tensor,
  );
  const memoryBytes = bytes(2 ** 30);
  const devices = problem.cluster.devices.map((device) => ({ ...device, memoryBytes }));
  const hosts = problem.cluster.hosts.map((host) => ({ ...host, memoryBytes }));
  return {
    ...problem,
    graph: { ...problem.graph, tensors },
    cluster: { ...problem.cluster, devices, hosts },
  };
}

describe('compressed-input', () => {
  it('sends a picture of 224 × 224 in 28 224 bytes', async () => {
    const problem = withInput(randomProblem(createRandom(1)), [1, 3, 224, 224]);
    const plan = await planBy(planners['compressed-input'], problem);
    expect(createEvaluator(problem).evaluate(plan).transfers[0]?.bytes).toBe(28_224);
    expect(plan.stages.map(({ device }) => device)).toEqual(['d1']);
  });

  it.each([[[1, 3]], [[1, 1, 28, 28]], [[3, 224, 224]]])('declines an input of shape %j', (shape) => {
    const answer = planners['compressed-input'].supports(withInput(randomProblem(createRandom(1)), shape));
    expect(answer).toMatchObject({ yes: false, reason: expect.stringContaining(`[${shape.join(', ')}]`) });
  });
});

describe('spinn', () => {
  it('is Neurosurgeon where every node is a rectifier and no tensor can be coded', async () => {
    for (let seed = 0; seed < 50; seed++) {
      const base = randomProblem(createRandom(seed), { graph: { kind: 'chain', nodes: 12 } });
      const nodes = base.graph.nodes.map((node) => ({ ...node, op: 'Relu', domain: '' }));
      const tensors = base.graph.tensors.map((tensor) => ({ ...tensor, type: 'float16' as const }));
      const problem = { ...base, graph: { ...base.graph, nodes, tensors } };
      const [ours, theirs] = [
        await planBy(planners.spinn, problem),
        await planBy(planners['neurosurgeon-chain'], problem),
      ];
      expect(ours.stages).toEqual(theirs.stages);
      expect(ours.claim).toEqual(theirs.claim);
    }
  });
});

describe.each(['jps-adjacent', 'jps-hull'] as const)('%s', (name) => {
  it('of one request takes the least time on device and link together', async () => {
    for (let seed = 0; seed < 50; seed++) {
      const problem = withInput(
        randomProblem(createRandom(seed), { graph: { kind: 'chain', nodes: 10 } }),
        [64],
      );
      const plan = await planBy(planners[name], problem);
      const least = Math.min(...prefixCuts(problem.graph).map(({ nodes }) => deviceAndLink(problem, nodes)));
      const own = plan.stages.find(({ device }) => device === 'd0')?.nodes ?? [];
      expect(deviceAndLink(problem, own)).toBeCloseTo(least, 9);
    }
  });
});

/** Busy times of the first device and of its link, without the way back. */
function deviceAndLink(problem: Problem, nodes: readonly number[]): number {
  const everything = problem.graph.nodes.map(({ id }) => id);
  const stages = [
    { device: 'd0', nodes },
    { device: 'd1', nodes: everything.filter((id) => !nodes.includes(id)) },
  ];
  const report = createEvaluator(problem).evaluate(planOf(problem, '', stages, 'by-hand'));
  const link = report.links.find(({ from }) => from === 'd0');
  const device = report.devices.find(({ device: id }) => id === 'd0');
  return (device?.busySeconds ?? 0) + (link?.busySeconds ?? 0);
}
