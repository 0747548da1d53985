import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../errors.ts';
import { prefixCuts } from '../graph/cut.ts';
import type { Plan, Stage } from '../plan/plan.ts';
import { planOf } from '../plan/plan-of.ts';
import type { Problem } from '../plan/problem.ts';
import { randomProblem } from '../plan/random-problem.ts';
import { createRandom, type Random } from '../random.ts';
import { computeTable } from './cost-tables.ts';
import type { PlacedTask } from './list-schedule.ts';
import { type PlacedStage, placedStages, stageFactsMemo } from './placed-stage.ts';
import { type ProblemIndex, problemIndex, resourceCount } from './problem-index.ts';
import { RequestSchedule } from './request-schedule.ts';
import { type ResourceUse, ResourceUses } from './resource-uses.ts';

function placed({ problem, devices }: ProblemIndex, { stages }: Plan): PlacedStage[] {
  const place = placedStages(
    computeTable(problem),
    stageFactsMemo(problem.graph),
    problem.graph.nodes.length,
  );
  return stages.map(({ device, nodes }) => place(nodes, devices.get(device) ?? -1));
}

/** Stages between random positions of a topological order, on random devices. */
function randomStages(random: Random, { graph, cluster }: Problem): Stage[] {
  const borders = prefixCuts(graph).filter(() => random.next() < 0.4);
  const sets = [...borders.map(({ nodes }) => nodes), [...graph.nodes.keys()]];
  return sets.map((nodes, at) => {
    const before = new Set(sets[at - 1]);
    const device = `d${random.integer(cluster.devices.length)}`;
    return { device, nodes: nodes.filter((node) => !before.has(node)) };
  });
}

function subject(seed: number): { index: ProblemIndex; plan: Plan; stages: PlacedStage[] } {
  const random = createRandom(seed);
  const kind = random.next() < 0.7 ? 'chain' : 'general';
  const options = { graph: { kind, nodes: 8 }, devices: 3, elsewhere: 0.4, missingLinks: 0.1 } as const;
  const problem = randomProblem(random.split('problem'), options);
  const index = problemIndex(problem);
  const plan = planOf(problem, '', randomStages(random.split('stages'), problem), 'test');
  return { index, plan, stages: placed(index, plan) };
}

const placeOf = ({
  resource,
  listedSeconds,
  occupiedSeconds,
  startSeconds,
  endSeconds,
  thereSeconds,
  bytes,
}: PlacedTask): PlacedTask => ({
  resource,
  listedSeconds,
  occupiedSeconds,
  startSeconds,
  endSeconds,
  thereSeconds,
  bytes,
});

/** All that reports read of a schedule. */
function figuresOf({ tasks }: RequestSchedule) {
  const { count } = tasks;
  const placed = Array.from({ length: count }, (_, place) => tasks.taskAt(place));
  const byResource = placed.sort((left, right) => tasks.at(left).resource - tasks.at(right).resource);
  return {
    tasks: Array.from({ length: count }, (_, task) => placeOf(tasks.at(task))),
    byResource,
  };
}

/** All that reports read of uses. */
function usesOf(index: ProblemIndex, uses: ResourceUses) {
  const { latencySeconds, periodSeconds, bytesSent, linkCount } = uses;
  const resources = Array.from({ length: resourceCount(index) }, (_, resource) => resource);
  return {
    figures: [latencySeconds, periodSeconds, bytesSent],
    used: resources
      .filter((resource) => uses.isUsed(resource))
      .map((resource) => figuresOfUse(uses.of(resource))),
    links: uses.links.slice(0, linkCount).map(figuresOfUse),
  };
}

/** All but the round in which it was counted. */
function figuresOfUse(use: Readonly<ResourceUse>) {
  const { link, busySeconds, othersSeconds, pacedSeconds, firstSeconds, lastSeconds, bytes } = use;
  return { link, busySeconds, othersSeconds, pacedSeconds, firstSeconds, lastSeconds, bytes };
}

describe('a request handed on from stage to stage', () => {
  it('gives to the last bit the schedule that the general way gives', () => {
    let relays = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const { index, plan, stages } = subject(seed);
        const [straight, general] = [new RequestSchedule(index), new RequestSchedule(index)];
        straight.run(plan, stages);
        if (straight.tasks.inTurn) relays++;
        general.run(
          plan,
          stages,
          Array.from({ length: resourceCount(index) }, () => 0),
        );
        expect(figuresOf(straight)).toEqual(figuresOf(general));
        const counted = new ResourceUses(index);
        counted.count(general.tasks, stages);
        expect(usesOf(index, straight.uses)).toEqual(usesOf(index, counted));
      }),
      { numRuns: 500, seed: 21 },
    );
    expect(relays).toBeGreaterThan(200);
    expect(relays).toBeLessThan(480);
  });

  const problem = randomProblem(createRandom(1), { graph: { kind: 'chain', nodes: 4 }, devices: 2 });
  const index = problemIndex(problem);
  const plan = planOf(
    problem,
    '',
    [
      { device: 'd0', nodes: [0, 1] },
      { device: 'd1', nodes: [2, 3] },
    ],
    'test',
  );
  const [there, back] = plan.transfers;

  it.each<{ what: string; stages: readonly Stage[]; transfers: Plan['transfers']; expected: boolean }>([
    { what: 'a chain in two', stages: plan.stages, transfers: plan.transfers, expected: true },
    { what: 'no stages', stages: [], transfers: [], expected: false },
    { what: 'a tensor that is not sent', stages: plan.stages, transfers: [], expected: false },
    {
      what: 'answers before what they need',
      stages: plan.stages,
      transfers: plan.transfers.toReversed(),
      expected: false,
    },
    {
      what: 'a tensor sent twice',
      stages: plan.stages,
      transfers: [there, there, back].filter((transfer) => transfer !== undefined),
      expected: false,
    },
    {
      what: 'stages out of order',
      stages: plan.stages.toReversed(),
      transfers: plan.transfers,
      expected: false,
    },
  ])('tells $what', ({ stages, transfers, expected }) => {
    const changed = { ...plan, stages, transfers };
    const schedule = new RequestSchedule(index);
    try {
      schedule.run(changed, placed(index, changed));
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidInputError);
    }
    expect(schedule.tasks.inTurn).toBe(expected);
  });
});
