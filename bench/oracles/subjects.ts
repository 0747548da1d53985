import type { Objective, PlannerName } from '@tandem/core';
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
  readonly objective: Extract<Objective['kind'], 'latency' | 'period'>;
  readonly family: Family;
  /** How the family is called. */
  readonly among: string;
  /** Its value over the best of the family at most, as its paper or our notes on it say: 1 = exact; null = nothing is promised. */
  readonly mostRatio: number | null;
  /** Parts that are placed on every device: they limit how large an instance may be. */
  readonly places: 'cuts' | 'elements' | 'nodes';
}

const exact = { mostRatio: 1, places: 'cuts' } as const;

export const subjects: readonly Subject[] = [
  { planner: 'all-local', objective: 'latency', family: onSource, among: 'all on the source', ...exact },
  { planner: 'all-server', objective: 'latency', family: onOneServer, among: 'all on one other', ...exact },
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
    mostRatio: 1,
    places: 'elements',
  },
  ...(['jps-adjacent', 'jps-hull'] as const).map(
    (planner): Subject => ({
      planner,
      objective: 'latency',
      family: thinCutsToServers,
      among: 'cuts of one tensor',
      // The server's time is neglected, which nothing makes up for.
      mostRatio: null,
      places: 'cuts',
    }),
  ),
  {
    planner: 'dads-light',
    objective: 'latency',
    family: allCutsToServers,
    among: 'all cuts',
    mostRatio: null,
    places: 'cuts',
  },
  {
    planner: 'dads-heavy',
    objective: 'period',
    family: allCutsToServers,
    among: 'all cuts',
    // Three busy resources in the paper; answers that are wanted on a third device take a link from each of the two.
    mostRatio: 5,
    places: 'cuts',
  },
  {
    planner: 'coinfer',
    objective: 'latency',
    family: placementsOfChain,
    among: 'placements of the chain',
    mostRatio: null,
    places: 'elements',
  },
  {
    planner: 'auto',
    objective: 'latency',
    family: allPlacements,
    among: 'all placements',
    mostRatio: null,
    places: 'nodes',
  },
  {
    planner: 'auto',
    objective: 'period',
    family: allPlacements,
    among: 'all placements',
    mostRatio: null,
    places: 'nodes',
  },
];
