import type { Objective, PlannerName } from '@tandem/core';
import { type Adaptation, withAccuracy, withPicture, withRectifiers } from './adaptations.ts';
import { eightBitBatches, rawBatches } from './batch-families.ts';
import { compressedOnServer, cutsInAllBits, rectifiedCutsAndExits } from './coded-families.ts';
import {
  allCutsBetweenAll,
  allCutsToServers,
  allPlacements,
  type Family,
  onOneServer,
  onSource,
  placementsOfChain,
  prefixCutsToServers,
  runsOnDevices,
  thinCutsToServers,
} from './families.ts';

/** A planner, what it minimises and among what. */
export interface Subject {
  readonly planner: PlannerName;
  readonly objective: Extract<Objective['kind'], 'latency' | 'period' | 'makespan'>;
  readonly family: Family;
  /** How the family is called. */
  readonly among: string;
  /** Its value over the best of the family at most, as its paper or our notes on it say: 1 = exact; null = nothing is promised. */
  readonly mostRatio: number | null;
  /** False: what it promises holds where there is memory for everything. */
  readonly looksAtMemory: boolean;
  /** What limits how large an instance may be: parts that are placed on every device, or batches of requests. */
  readonly places: 'cuts' | 'elements' | 'nodes' | 'batches';
  /** @default as drawn */
  readonly adapted?: Adaptation;
}

const exact = { mostRatio: 1, looksAtMemory: true, places: 'cuts' } as const;
const heuristic = { mostRatio: null, looksAtMemory: true, places: 'cuts' } as const;

export const subjects: readonly Subject[] = [
  { planner: 'all-local', objective: 'latency', family: onSource, among: 'all on the source', ...exact },
  { planner: 'all-server', objective: 'latency', family: onOneServer, among: 'all on one other', ...exact },
  {
    planner: 'compressed-input',
    objective: 'latency',
    family: compressedOnServer,
    among: 'all on one other, pictures as JPEG',
    ...exact,
    adapted: withPicture,
  },
  {
    planner: 'neurosurgeon-chain',
    objective: 'latency',
    family: thinCutsToServers,
    among: 'cuts of one tensor',
    ...exact,
  },
  {
    planner: 'neurosurgeon-topo',
    objective: 'latency',
    family: prefixCutsToServers,
    among: 'prefixes',
    ...exact,
  },
  {
    planner: 'exhaustive',
    objective: 'latency',
    family: allCutsBetweenAll,
    among: 'all cuts, all pairs',
    ...exact,
  },
  {
    planner: 'exhaustive',
    objective: 'period',
    family: allCutsBetweenAll,
    among: 'all cuts, all pairs',
    ...exact,
  },
  {
    planner: 'throughput-optimal',
    objective: 'period',
    family: runsOnDevices,
    among: 'runs of the chain',
    ...exact,
    places: 'elements',
  },
  {
    planner: 'spinn',
    objective: 'latency',
    family: rectifiedCutsAndExits,
    among: 'cuts behind rectifiers in 8 bits, with exits',
    ...exact,
    adapted: withRectifiers,
  },
  ...(['jps-adjacent', 'jps-hull'] as const).map(
    (planner): Subject => ({
      planner,
      objective: 'latency',
      family: thinCutsToServers,
      among: 'cuts of one tensor',
      ...heuristic,
    }),
  ),
  // The server's time is neglected by the first two, which nothing makes up for.
  ...(
    [
      ['jps-adjacent', rawBatches, null],
      ['jps-hull', rawBatches, null],
      ['jps-exact', rawBatches, 1],
      ['jps-adjacent-q8', eightBitBatches, null],
      ['jps-hull-q8', eightBitBatches, null],
      ['jps-exact-q8', eightBitBatches, 1],
    ] as const
  ).map(
    ([planner, family, mostRatio]): Subject => ({
      planner,
      objective: 'makespan',
      family,
      among: family === rawBatches ? 'batches of 3' : 'batches of 3 in 8 bits',
      mostRatio,
      looksAtMemory: false,
      places: 'batches',
    }),
  ),
  { planner: 'dads-light', objective: 'latency', family: allCutsToServers, among: 'all cuts', ...heuristic },
  {
    planner: 'dads-heavy',
    objective: 'period',
    family: allCutsToServers,
    among: 'all cuts',
    // As many as things are busy under one of its plans.
    mostRatio: 5,
    looksAtMemory: false,
    places: 'cuts',
  },
  ...(['coach', 'coach-lex'] as const).map(
    (planner): Subject => ({
      planner,
      objective: 'period',
      family: cutsInAllBits,
      among: 'all cuts in 6, 7, 8 bits or raw',
      ...heuristic,
      adapted: withAccuracy,
    }),
  ),
  {
    planner: 'coinfer',
    objective: 'latency',
    family: placementsOfChain,
    among: 'placements of the chain',
    ...heuristic,
    places: 'elements',
  },
  ...(['latency', 'period'] as const).map(
    (objective): Subject => ({
      planner: 'auto',
      objective,
      family: allPlacements,
      among: 'all placements',
      ...heuristic,
      places: 'nodes',
    }),
  ),
];
