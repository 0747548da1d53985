import { allLocal } from './all-local.ts';
import { allServer } from './all-server.ts';
import { auto } from './auto/auto.ts';
import { batched } from './batched.ts';
import { coach, coachLex } from './coach/coach.ts';
import { coinfer, coinferTpe } from './coinfer/coinfer.ts';
import { compressedInput } from './compressed-input.ts';
import { dadsHeavy, dadsLight } from './dads/dads.ts';
import { dadsPublished } from './dads/dads-published.ts';
import { evenSplit } from './even-split.ts';
import { exhaustive } from './exhaustive.ts';
import { coachMix, jpsAdjacent, jpsAdjacentCoded, jpsHull, jpsHullCoded } from './jps/jps.ts';
import { jpsExact, jpsExactCoded } from './jps/jps-exact.ts';
import { memoryProportional } from './memory-proportional.ts';
import { neurosurgeonChain, neurosurgeonTopological } from './neurosurgeon.ts';
import type { Planner } from './planner.ts';
import { replicated } from './replicated.ts';
import { spinn } from './spinn/spinn.ts';
import { throughputOptimal } from './throughput-optimal.ts';

/** Every planner by the name that the command line uses. */
export const planners: {
  readonly 'all-local': Planner;
  readonly 'all-server': Planner;
  readonly 'compressed-input': Planner;
  readonly 'even-split': Planner;
  readonly 'memory-proportional': Planner;
  readonly 'neurosurgeon-chain': Planner;
  readonly 'neurosurgeon-topo': Planner;
  readonly spinn: Planner;
  readonly 'jps-adjacent': Planner;
  readonly 'jps-adjacent-q8': Planner;
  readonly 'jps-hull': Planner;
  readonly 'jps-hull-q8': Planner;
  readonly 'jps-exact': Planner;
  readonly 'jps-exact-q8': Planner;
  readonly 'dads-light': Planner;
  readonly 'dads-heavy': Planner;
  readonly 'dads-published': Planner;
  readonly 'throughput-optimal': Planner;
  readonly replicated: Planner;
  readonly batched: Planner;
  readonly coach: Planner;
  readonly 'coach-lex': Planner;
  readonly 'coach-mix': Planner;
  readonly coinfer: Planner;
  readonly 'coinfer-tpe': Planner;
  readonly exhaustive: Planner;
  readonly auto: Planner;
} = {
  'all-local': allLocal,
  'all-server': allServer,
  'compressed-input': compressedInput,
  'even-split': evenSplit,
  'memory-proportional': memoryProportional,
  'neurosurgeon-chain': neurosurgeonChain,
  'neurosurgeon-topo': neurosurgeonTopological,
  spinn,
  'jps-adjacent': jpsAdjacent,
  'jps-adjacent-q8': jpsAdjacentCoded,
  'jps-hull': jpsHull,
  'jps-hull-q8': jpsHullCoded,
  'jps-exact': jpsExact,
  'jps-exact-q8': jpsExactCoded,
  'dads-light': dadsLight,
  'dads-heavy': dadsHeavy,
  'dads-published': dadsPublished,
  'throughput-optimal': throughputOptimal,
  replicated,
  batched,
  coach,
  'coach-lex': coachLex,
  'coach-mix': coachMix,
  coinfer,
  'coinfer-tpe': coinferTpe,
  exhaustive,
  auto,
};

export type PlannerName = keyof typeof planners;

/** In the order in which they are shown. */
export const plannerNames: readonly PlannerName[] = Object.keys(planners) as PlannerName[];

/** Those whose plans leave the answer as it is: what is compared where nobody chose. */
export const losslessPlannerNames: readonly PlannerName[] = plannerNames.filter(
  (name) => planners[name].lossy !== true,
);
