import { allLocal } from './all-local.ts';
import { allServer } from './all-server.ts';
import { dadsHeavy, dadsLight } from './dads/dads.ts';
import { dadsPublished } from './dads/dads-published.ts';
import { evenSplit } from './even-split.ts';
import { exhaustive } from './exhaustive.ts';
import { memoryProportional } from './memory-proportional.ts';
import { neurosurgeonChain, neurosurgeonTopological } from './neurosurgeon.ts';
import type { Planner } from './planner.ts';

/** Every planner by the name that the command line uses. */
export const planners: {
  readonly 'all-local': Planner;
  readonly 'all-server': Planner;
  readonly 'even-split': Planner;
  readonly 'memory-proportional': Planner;
  readonly 'neurosurgeon-chain': Planner;
  readonly 'neurosurgeon-topo': Planner;
  readonly 'dads-light': Planner;
  readonly 'dads-heavy': Planner;
  readonly 'dads-published': Planner;
  readonly exhaustive: Planner;
} = {
  'all-local': allLocal,
  'all-server': allServer,
  'even-split': evenSplit,
  'memory-proportional': memoryProportional,
  'neurosurgeon-chain': neurosurgeonChain,
  'neurosurgeon-topo': neurosurgeonTopological,
  'dads-light': dadsLight,
  'dads-heavy': dadsHeavy,
  'dads-published': dadsPublished,
  exhaustive,
};

export type PlannerName = keyof typeof planners;

/** In the order in which they are shown. */
export const plannerNames: readonly PlannerName[] = Object.keys(planners) as PlannerName[];
