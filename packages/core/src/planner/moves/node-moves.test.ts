import { describe, expect, it } from 'vitest';
import { evaluate } from '../../cost/evaluate.ts';
import { problemIndex } from '../../cost/problem-index.ts';
import type { Report } from '../../cost/report.ts';
import { foldGroups } from '../../graph/fold-groups.ts';
import { planOf } from '../../plan/plan-of.ts';
import type { Problem } from '../../plan/problem.ts';
import { randomProblem } from '../../plan/random-problem.ts';
import { stagesOfDevices } from '../../plan/stages-of-devices.ts';
import { createRandom, type Random } from '../../random.ts';
import type { PlanResult } from '../planner.ts';
import { stillContextOf } from '../still-context.ts';
import { throughputOptimal } from '../throughput-optimal.ts';
import { movableSets } from './movable-sets.ts';
import { nodeMoves } from './node-moves.ts';
import { PlacementLoads } from './placement-loads.ts';

function subject(random: Random, nodes = 10, tightMemory = 0): Problem {
  const problem = randomProblem(random, {
    graph: { kind: 'series-parallel', nodes, folded: 0.2 },
    devices: 3,
    missingLinks: 0.2,
    elsewhere: 0.3,
    rawInputStays: 0.2,
    tightMemory,
  });
  return { ...problem, objective: { kind: 'period' } };
}

function reportOf(problem: Problem, deviceOf: ArrayLike<number>): Report {
  const { deviceIds } = problemIndex(problem);
  const groupOf = new Map(
    foldGroups(problem.graph).flatMap(({ index, nodes }) => nodes.map((node) => [node, index] as const)),
  );
  const stages = stagesOfDevices(
    problem.graph,
    (node) => deviceIds[deviceOf[groupOf.get(node) ?? 0] ?? 0] ?? '',
  );
  return evaluate(problem, planOf(problem, '', stages, 'test'));
}

/** Devices, then links by from × devices + to, as `PlacementLoads.busy`. */
function busyOf(problem: Problem, report: Report): number[] {
  const { deviceIds } = problemIndex(problem);
  const devices = deviceIds.map((id) => report.devices.find(({ device }) => device === id)?.busySeconds ?? 0);
  const links = deviceIds.flatMap((from) =>
    deviceIds.map(
      (to) => report.links.find((link) => link.from === from && link.to === to)?.busySeconds ?? 0,
    ),
  );
  return [...devices, ...links];
}

describe('PlacementLoads', () => {
  it('says what evaluate says after any moves, where all that crosses has a link and may', () => {
    let allowed = 0;
    for (let seed = 0; seed < 150; seed++) {
      const random = createRandom(seed);
      const problem = subject(random);
      const groups = foldGroups(problem.graph);
      const loads = new PlacementLoads(problemIndex(problem), groups, () => random.integer(3));
      for (let move = 0; move < 5; move++) {
        const set = [...groups.keys()].filter(() => random.next() < 0.4);
        loads.place(set, () => random.integer(3));
        const report = reportOf(problem, loads.deviceOf);
        expect(loads.isAllowed).toBe(report.violations.length === 0);
        if (!loads.isAllowed) continue;
        allowed++;
        for (const [at, busy] of busyOf(problem, report).entries())
          expect(loads.busy[at]).toBeCloseTo(busy, 9);
        expect(loads.period()).toBeCloseTo(report.periodSeconds, 9);
      }
    }
    expect(allowed).toBeGreaterThan(150);
  });

  it('names those at a resource', () => {
    const problem = subject(createRandom(3));
    const groups = foldGroups(problem.graph);
    const loads = new PlacementLoads(problemIndex(problem), groups, (group) => group % 3);
    expect([...loads.groupsAt(1)]).toEqual([...groups.keys()].filter((group) => group % 3 === 1));
    for (const [resource, busy] of loads.busy.entries())
      if (resource >= 3 && busy > 0)
        for (const group of loads.groupsAt(resource))
          expect([Math.floor(resource / 3) - 1, resource % 3]).toContain(group % 3);
  });

  it('names at least one at every link that is busy, one that only carries an answer home among them', () => {
    for (let seed = 0; seed < 50; seed++) {
      const problem = subject(createRandom(seed));
      const loads = new PlacementLoads(
        problemIndex(problem),
        foldGroups(problem.graph),
        (group) => group % 3,
      );
      for (const [resource, busy] of loads.busy.entries())
        if (busy > 0) expect(loads.groupsAt(resource).size).toBeGreaterThan(0);
    }
  });
});

describe('movableSets', () => {
  it('has every group alone, all together, and no set twice', () => {
    for (let seed = 0; seed < 50; seed++) {
      const { graph } = subject(createRandom(seed));
      const groups = foldGroups(graph);
      const names = movableSets(graph, groups).map((set) => [...set].sort((a, b) => a - b).join());
      for (const { index } of groups) expect(names).toContain(String(index));
      expect(names).toContain(groups.map(({ index }) => index).join());
      expect(new Set(names).size).toBe(names.length);
    }
  });
});

const moved = (problem: Problem, start: PlanResult & { kind: 'plan' }): Promise<PlanResult> =>
  nodeMoves(start.plan).plan(problem, stillContextOf(problem));

describe('nodeMoves', () => {
  it('never makes a feasible plan worse or infeasible, and shortens the period of some', async () => {
    let [judged, shorter] = [0, 0];
    for (let seed = 0; seed < 40; seed++) {
      const problem = subject(createRandom(seed), 8, 0.4);
      const start = await throughputOptimal.plan(problem, stillContextOf(problem));
      if (start.kind !== 'plan') continue;
      const result = await moved(problem, start);
      if (result.kind !== 'plan') throw new Error('It has a plan to start from.');
      const before = evaluate(problem, start.plan).periodSeconds;
      const after = evaluate(problem, result.plan);
      judged++;
      expect(after.violations).toEqual([]);
      expect(after.periodSeconds).toBeLessThanOrEqual(before);
      expect(result.plan.claim?.value).toBe(after.periodSeconds);
      if (after.periodSeconds < before) shorter++;
      expect(await moved(problem, start)).toEqual(result);
    }
    expect(judged).toBeGreaterThan(20);
    expect(shorter).toBeGreaterThan(3);
  });
});
