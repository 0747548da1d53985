import {
  coinferFleet,
  createRandom,
  type DeviceId,
  type Graph,
  InvalidInputError,
  JointProblem,
  type Plan,
  type Problem,
  plannersEffort,
  planOf,
  type RunningPlan,
} from '@tandem/core';
import { repairerOf } from '@tandem/runtime';

/** What boards have, and what of it their plan may take, both over what the network needs of all of them together. */
export interface FleetRoom {
  readonly boards: number;
  readonly plan: number;
}

/** Where memory binds. */
export const tightRoom: FleetRoom = { boards: 1.6, plan: 1.6 };

export interface PlannedFleet {
  readonly problem: Problem;
  readonly plan: RunningPlan;
  /** By unit: the board, by position, on which a run with stand-bys would have it loaded as well. */
  readonly standBys: () => ReadonlyMap<number, number>;
}

/** Throws InvalidInputError where the boards cannot hold the network. */
export async function plannedFleet(graph: Graph, seed: number, room: FleetRoom): Promise<PlannedFleet> {
  const joint = new JointProblem(coinferFleet(graph, seed, room.plan));
  const point = await joint.coinfer('local', plannersEffort, createRandom(seed), async () => {});
  if (point === null)
    throw new InvalidInputError(`fleet ${seed} cannot hold ${graph.name}`, 'Give the boards more memory.');
  const { stages, running, ...clocks } = joint.planned(point);
  const problem = coinferFleet(graph, seed, room.boards);
  // Nobody asks what problem it is for.
  const plan = planOf(problem, '', stages, 'coinfer', clocks);
  let found: ReadonlyMap<number, number> | undefined;
  const standBys = (): ReadonlyMap<number, number> => (found ??= standBysOf(problem, plan, running));
  return { problem, plan: running, standBys };
}

function standBysOf(problem: Problem, plan: Plan, { bins }: RunningPlan): ReadonlyMap<number, number> {
  const boards: readonly DeviceId[] = problem.cluster.devices.map(({ id }) => id);
  const devices = plan.stages.map(({ device }) => device);
  const places = repairerOf(problem, plan).standBys?.(devices, new Set(boards));
  const found = new Map<number, number>();
  let stage = 0;
  for (const [unit, board] of bins.entries()) {
    if (unit > 0 && bins[unit - 1] !== board) stage++;
    const other = places?.get(stage);
    if (other !== undefined) found.set(unit, boards.indexOf(other));
  }
  return found;
}
