import { describe, expect, it } from 'vitest';
import { createEvaluator } from '../../cost/evaluate.ts';
import { planOf } from '../../plan/plan-of.ts';
import type { Problem } from '../../plan/problem.ts';
import { randomProblem } from '../../plan/random-problem.ts';
import { stagesOfDevices } from '../../plan/stages-of-devices.ts';
import { createRandom, type Random } from '../../random.ts';
import { bytes } from '../../units.ts';
import { ask, type PlannerOutcome } from '../ask.ts';
import { coinfer } from '../coinfer/coinfer.ts';
import type { Planner } from '../planner.ts';
import { stillContext } from '../still-context.ts';
import { auto } from './auto.ts';

/** Memory that just suffices for one placement of nodes on devices, drawn at random. */
function tightProblem(random: Random): Problem {
  const problem = randomProblem(random, {
    graph: { kind: 'general', nodes: 3 + random.integer(4) },
    devices: 3,
    missingLinks: 0.1,
  });
  const { cluster } = problem;
  const roomy = withMemory(problem, () => 2 ** 40);
  const stages = stagesOfDevices(problem.graph, () => cluster.devices[random.integer(3)]?.id ?? '');
  const report = createEvaluator(roomy).evaluate(planOf(roomy, '', stages, 'test'));
  return withMemory(problem, (id) => report.devices.find(({ device }) => device === id)?.memoryBytes ?? 1);
}

function withMemory(problem: Problem, memoryOf: (device: string) => number): Problem {
  const { cluster } = problem;
  const devices = cluster.devices.map((row) => ({ ...row, memoryBytes: bytes(memoryOf(row.id)) }));
  const hosts = cluster.hosts.map((row) => ({ ...row, memoryBytes: bytes(2 ** 40) }));
  return { ...problem, cluster: { ...cluster, devices, hosts } };
}

function isSolvable(problem: Problem): boolean {
  const { graph, cluster } = problem;
  const evaluator = createEvaluator(problem);
  const count = cluster.devices.length;
  for (let code = 0; code < count ** graph.nodes.length; code++) {
    const stages = stagesOfDevices(
      graph,
      (node) => cluster.devices[Math.floor(code / count ** node) % count]?.id ?? '',
    );
    if (evaluator.evaluate(planOf(problem, '', stages, 'test')).violations.length === 0) return true;
  }
  return false;
}

const answer = (planner: Planner, problem: Problem): Promise<PlannerOutcome> =>
  ask(planner, problem, stillContext());

describe('auto', () => {
  it('has a feasible plan of a small problem whenever there is one', async () => {
    const random = createRandom(21);
    let [solvable, beyondCoinfer] = [0, 0];
    for (let draw = 0; draw < 40; draw++) {
      const problem = tightProblem(random);
      const { result, report } = await answer(auto, problem);
      if (!isSolvable(problem)) {
        expect(result.kind).toBe('infeasible');
        continue;
      }
      solvable++;
      expect(report?.violations, `draw ${draw}`).toEqual([]);
      if ((await answer(coinfer, problem)).result.kind === 'infeasible') beyondCoinfer++;
    }
    expect(solvable).toBeGreaterThan(20);
    expect(beyondCoinfer).toBeGreaterThan(0);
  });
});
