import { describe, expect, it } from 'vitest';
import { exampleCluster } from '../cluster/example-cluster.ts';
import { evaluate } from '../cost/evaluate.ts';
import { randomGraph } from '../graph/random-graph.ts';
import { planOf } from '../plan/plan-of.ts';
import type { Problem } from '../plan/problem.ts';
import { problemOf } from '../plan/problem-of.ts';
import { createRandom } from '../random.ts';
import { seconds, watts } from '../units.ts';
import type { ChooseContext } from './ask.ts';
import { choose } from './choose.ts';
import { comparePlanners } from './compare-planners.ts';
import { plannerProblem } from './conformance.ts';
import type { Planner } from './planner.ts';
import { plannerNames } from './planners.ts';

function context(signal: AbortSignal = new AbortController().signal): ChooseContext {
  return {
    problemDigest: 'digest',
    random: createRandom(1),
    clock: { now: () => seconds(0), sleep: async () => {} },
    signal,
  };
}

function exampleProblem(): Problem {
  const graph = randomGraph(createRandom(5), {
    kind: 'chain',
    nodes: 12,
    maximumFlops: 1e9,
    maximumBytes: 4e3,
  });
  return problemOf(graph, exampleCluster());
}

/** Answers with these stages, whatever they are, and claims this bound. */
function planner(name: string, device: string, nodes: readonly number[], bound?: number): Planner {
  return {
    name,
    paper: 'a test',
    supports: () => ({ yes: true }),
    plan: async (problem, { problemDigest }) => ({
      kind: 'plan',
      plan: planOf(problem, problemDigest, [{ device, nodes }], name),
      evaluations: 3,
      planningSeconds: seconds(0),
      ...(bound === undefined ? {} : { bound: { figure: 'latencySeconds', value: bound } }),
    }),
  };
}

const every = (problem: Problem): number[] => problem.graph.nodes.map(({ id }) => id);

describe('comparePlanners', () => {
  it('says of each planner what asking it alone says, whoever is asked before', async () => {
    const problem = exampleProblem();
    const forward = await comparePlanners(problem, plannerNames, context());
    const backward = await comparePlanners(problem, plannerNames.toReversed(), context());
    expect(forward.rows.map(({ name }) => name)).toEqual(plannerNames);
    expect(backward.rows.toReversed()).toEqual(forward.rows);
    for (const name of plannerNames) {
      const [alone] = (await comparePlanners(problem, [name], context())).rows;
      const among = forward.rows.find((row) => row.name === name);
      expect({ ...among, onFront: true }).toEqual({ ...alone, onFront: true });
    }
  });

  it('takes the plan that choose takes, and marks as the front what nothing dominates', async () => {
    let onFront = 0;
    let dominated = 0;
    for (let seed = 0; seed < 40; seed++) {
      const problem = plannerProblem(createRandom(seed));
      const { rows, best, frontFigures } = await comparePlanners(problem, plannerNames, context());
      const choice = await choose(problem, plannerNames, context()).catch(() => null);
      expect(best?.report ?? null).toEqual(choice?.report ?? null);
      expect(frontFigures).toContain('latencySeconds');
      const feasible = rows.filter((row) => row.feasible);
      const isBeaten = (row: (typeof rows)[number]): boolean =>
        feasible.some((other) => {
          const differences = frontFigures.map(
            (figure) => (other.report?.[figure] ?? 0) - (row.report?.[figure] ?? 0),
          );
          return differences.every((each) => each <= 0) && differences.some((each) => each < 0);
        });
      for (const row of feasible) {
        expect(row.report?.violations).toEqual([]);
        expect(row.onFront).toBe(!isBeaten(row));
        if (row.onFront) onFront++;
        else dominated++;
      }
      for (const row of rows.filter(({ feasible: is }) => !is))
        expect(row).toMatchObject({ onFront: false, value: null, gap: null, reason: expect.any(String) });
    }
    expect(Math.min(onFront, dominated)).toBeGreaterThan(20);
  });

  it('looks at energy only where it is known of every plan', async () => {
    const problem = exampleProblem();
    const figures = ['latencySeconds', 'periodSeconds', 'peakMemoryBytes'];
    expect((await comparePlanners(problem, plannerNames, context())).frontFigures).toEqual(figures);
    const power = {
      kind: 'law' as const,
      idleWatts: watts(1),
      staticWatts: watts(1),
      dynamicWattsAtMaximum: watts(4),
      exponent: 3,
    };
    const devices = problem.cluster.devices.map((device) => ({ ...device, power }));
    const powered = { ...problem, cluster: { ...problem.cluster, devices } };
    expect((await comparePlanners(powered, plannerNames, context())).frontFigures).toContain('energyJoules');
  });

  it('compares the planners of others with ours, and counts the gap to what they prove', async () => {
    const problem = exampleProblem();
    const nodes = every(problem);
    const { latencySeconds } = evaluate(
      problem,
      planOf(problem, '', [{ device: 'server', nodes }], 'by hand'),
    );
    const mine = planner('mine', 'server', nodes, latencySeconds / 2);
    const names: string[] = [];
    const { rows } = await comparePlanners(problem, ['all-local', mine, 'exhaustive'], context(), (name) => {
      names.push(name);
    });
    expect(names).toEqual(['all-local', 'mine', 'exhaustive']);
    expect(rows.map(({ gap }) => gap)).toEqual([null, 1, 0]);
    expect(rows[1]).toMatchObject({ feasible: true, value: latencySeconds, reason: null });
  });

  it.each([
    {
      what: 'leaves nodes out',
      of: planner('mine', 'pi', [0, 1]),
      reason: /^Its plan is not valid: .*is in no stage/,
    },
    {
      what: 'names a device that is not there',
      of: planner('mine', 'moon', [0]),
      reason: /^Its plan is not valid: Device 'moon'/,
    },
  ])('calls a plan infeasible that $what', async ({ of, reason }) => {
    const { rows, best } = await comparePlanners(exampleProblem(), [of, 'all-local'], context());
    expect(rows[0]).toMatchObject({ feasible: false, onFront: false, report: null });
    expect(rows[0]?.reason).toMatch(reason);
    expect(best?.name).toBe('all-local');
  });

  it.each([
    {
      what: 'breaks a constraint',
      change: { constraints: { memory: 'resident', neverLeaveRawInput: true } },
      reason: /^Its plan is refused: /,
    },
    {
      what: 'has an energy that nobody knows where that is asked for',
      change: { objective: { kind: 'energy' } },
      reason: /^Its plan is refused: The objective asks for energy\. /,
    },
  ] as const)('calls a plan infeasible that $what', async ({ change, reason }) => {
    const problem: Problem = { ...exampleProblem(), ...change };
    const mine = planner('mine', 'server', every(problem));
    const { rows, best } = await comparePlanners(problem, [mine], context());
    expect(rows[0]).toMatchObject({ feasible: false, value: null });
    expect(rows[0]?.reason).toMatch(reason);
    expect(best).toBeNull();
  });

  it('refuses two planners of one name', async () => {
    const mine = planner('all-local', 'pi', [0]);
    await expect(comparePlanners(exampleProblem(), ['all-local', mine], context())).rejects.toThrow(
      /two planners are called 'all-local'/,
    );
  });

  it('rejects with the reason of its signal', async () => {
    const controller = new AbortController();
    controller.abort('withdrawn');
    const comparison = comparePlanners(exampleProblem(), plannerNames, context(controller.signal));
    await expect(comparison).rejects.toBe('withdrawn');
  });
});
