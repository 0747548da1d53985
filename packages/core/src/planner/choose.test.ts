import { describe, expect, it } from 'vitest';
import { exampleCluster } from '../cluster/example-cluster.ts';
import { evaluate } from '../cost/evaluate.ts';
import { RefusedError } from '../errors.ts';
import { randomGraph } from '../graph/random-graph.ts';
import type { Problem } from '../plan/problem.ts';
import { problemOf } from '../plan/problem-of.ts';
import { createRandom } from '../random.ts';
import { bytes, seconds } from '../units.ts';
import type { ChooseContext } from './ask.ts';
import { choose } from './choose.ts';
import { plannerProblem } from './conformance.ts';
import { losslessPlannerNames } from './planners.ts';

function context(signal: AbortSignal = new AbortController().signal): ChooseContext {
  return {
    problemDigest: 'digest',
    random: createRandom(1),
    clock: { now: () => seconds(0), sleep: async () => {} },
    signal,
  };
}

/** Operations and tensor sizes on the scale of a small vision network. */
function exampleProblem(maximumFlops: number, maximumBytes: number): Problem {
  const graph = randomGraph(createRandom(5), { kind: 'chain', nodes: 12, maximumFlops, maximumBytes });
  return problemOf(graph, exampleCluster());
}

describe('choose', () => {
  it.each([
    {
      what: 'little work and much data',
      flops: 1e6,
      size: 4e6,
      sentence: /^Do not split: all 12 nodes on 'pi'/,
    },
    {
      what: 'much work and little data',
      flops: 1e10,
      size: 400,
      sentence: /^Do not split: all 12 nodes on 'server'/,
    },
  ])('does not split when it does not pay: $what', async ({ flops, size, sentence }) => {
    const { planned, runnerUp } = await choose(exampleProblem(flops, size), losslessPlannerNames, context());
    expect(planned.plan.why.sentence).toMatch(sentence);
    expect(planned.plan.why.sentence).toContain(`the next best, ${runnerUp?.name}, takes`);
    expect(planned.plan.stages).toHaveLength(1);
  });

  it('takes the lowest latency of all planners, and tells what each said', async () => {
    for (let seed = 0; seed < 60; seed++) {
      const problem = plannerProblem(createRandom(seed));
      const exhaustive = await choose(problem, ['exhaustive'], context()).catch((error: unknown) => error);
      const chosen = await choose(problem, losslessPlannerNames, context()).catch((error: unknown) => error);
      if (exhaustive instanceof RefusedError) {
        if (isChoice(chosen)) expect(chosen.planned.plan.stages.length).toBeGreaterThan(2);
        else expect(chosen).toBeInstanceOf(RefusedError);
        continue;
      }
      if (!isChoice(exhaustive) || !isChoice(chosen)) throw new Error('expected two choices');
      const { planned, report, runnerUp, all } = chosen;
      expect(report).toEqual(evaluate(problem, planned.plan));
      expect(report.latencySeconds).toBeLessThanOrEqual(exhaustive.report.latencySeconds * (1 + 1e-9));
      expect(all.map(({ name }) => name)).toEqual(losslessPlannerNames);
      expect(planned.plan.why).toMatchObject({ value: report.latencySeconds, runnerUp });
      expect(runnerUp?.value ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(
        report.latencySeconds * (1 - 1e-9),
      );
    }
  });

  it('names a cut as the runner-up of a plan that does not split, when the cut is the next best', async () => {
    const { planned, runnerUp, all } = await choose(
      exampleProblem(1e10, 400),
      losslessPlannerNames,
      context(),
    );
    expect(all[1]?.result).toMatchObject({ kind: 'plan', plan: { stages: planned.plan.stages } });
    expect(runnerUp?.name).toMatch(/^\d+ of 12 nodes on '\w+', then \d+ on '\w+'$/);
  });

  it('compares with the baselines even when only one planner was asked', async () => {
    const { planned, all } = await choose(exampleProblem(1e10, 400), ['all-server'], context());
    expect(all).toHaveLength(1);
    expect(planned.plan.why.runnerUp?.name).toBe("all-local (all 12 nodes on 'pi')");
  });

  it('refuses with the reason of every planner when nothing fits', async () => {
    const problem = exampleProblem(1e6, 4e6);
    const hosts = problem.cluster.hosts.map((host) => ({ ...host, memoryBytes: bytes(1) }));
    const choice = choose(
      { ...problem, cluster: { ...problem.cluster, hosts } },
      losslessPlannerNames,
      context(),
    );
    await expect(choice).rejects.toThrow(RefusedError);
    await expect(choice).rejects.toThrow(
      /all-local: Not feasible.*\nall-server: .*\neven-split: Not feasible.*\n(.*\n)*neurosurgeon-chain: None of \d+ placements.*\nneurosurgeon-topo: .*\n(.*\n)*exhaustive: /,
    );
  });

  it('says which planners do not treat the problem', async () => {
    const problem = exampleProblem(1e6, 4e6);
    const lonely = { ...problem.cluster, devices: problem.cluster.devices.slice(0, 1), links: [] };
    const { planned, all, runnerUp } = await choose(
      { ...problem, cluster: lonely },
      losslessPlannerNames,
      context(),
    );
    expect(all.map(({ name, result }) => [name, result.kind])).toEqual(
      losslessPlannerNames.map((name) => [
        name,
        name === 'all-local' || name === 'auto' ? 'plan' : 'unsupported',
      ]),
    );
    expect(runnerUp).toBeNull();
    expect(planned.plan.why.sentence).toContain('no other feasible plan was seen');
  });

  it('ranks by what the problem asks for, and names the figure', async () => {
    const problem = exampleProblem(1e9, 4e3);
    const soonest = await choose(problem, losslessPlannerNames, context());
    const often = await choose(
      { ...problem, objective: { kind: 'period' } },
      losslessPlannerNames,
      context(),
    );
    expect(often.report.periodSeconds).toBeLessThan(soonest.report.periodSeconds);
    expect(often.report.latencySeconds).toBeGreaterThan(soonest.report.latencySeconds);
    expect(often.planned.plan).toMatchObject({
      claim: { figure: 'periodSeconds', value: often.report.periodSeconds },
      why: { figure: 'periodSeconds', sentence: expect.stringContaining('gives an answer every') },
    });
  });

  it('does not guess at an energy that it cannot know', async () => {
    const problem: Problem = { ...exampleProblem(1e9, 4e3), objective: { kind: 'energy' } };
    await expect(choose(problem, losslessPlannerNames, context())).rejects.toThrow(
      /exhaustive: The objective asks for energy, and the cluster does not state the power of 'pi', 'server'\./,
    );
  });

  it('rejects with the reason of its signal', async () => {
    const controller = new AbortController();
    controller.abort('withdrawn');
    await expect(
      choose(exampleProblem(1e6, 1e3), losslessPlannerNames, context(controller.signal)),
    ).rejects.toBe('withdrawn');
  });
});

function isChoice(value: unknown): value is Awaited<ReturnType<typeof choose>> {
  return typeof value === 'object' && value !== null && 'planned' in value;
}
