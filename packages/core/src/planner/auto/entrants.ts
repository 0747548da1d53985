import { hasFewCuts } from '../../graph/all-cuts.ts';
import { elementNodes, isChain } from '../../graph/elements.ts';
import type { Problem } from '../../plan/problem.ts';
import { coinfer } from '../coinfer/coinfer.ts';
import { dadsLight } from '../dads/dads.ts';
import { exhaustive } from '../exhaustive.ts';
import { neurosurgeonChain, neurosurgeonTopological } from '../neurosurgeon.ts';
import { figuresOf } from '../objective-support.ts';
import type { Planner } from '../planner.ts';
import { throughputOptimal } from '../throughput-optimal.ts';
import { everyPlacement } from './every-placement.ts';

/** A planner with what it takes on one core of 2020, in microseconds, roughly. */
export interface Entrant {
  readonly planner: Planner;
  readonly microseconds: number;
  /** Whether it places whole elements of the chain only, so that a bound of the chain is one of what it can find. */
  readonly isOfChain: boolean;
}

/** Work of all entrants is counted, so that the same problem gets the same ones wherever there is time. */
const budget = 150_000;

/** Those that search all placements of the chain. */
export function searchers(problem: Problem): readonly Entrant[] {
  const { graph, cluster, objective } = problem;
  if (cluster.devices.length < 2) return [];
  const nodes = graph.nodes.length;
  const streams = figuresOf(objective).some(
    (figure) => figure === 'periodSeconds' || figure === 'makespanSeconds',
  );
  const runs = 2 ** Math.min(20, cluster.devices.length) * 200 + 40 * nodes;
  const sums = { planner: coinfer, microseconds: 20_000 + 40 * nodes, isOfChain: true };
  return withinBudget(
    streams ? [{ planner: throughputOptimal, microseconds: runs, isOfChain: true }, sums] : [sums],
    budget,
  );
}

/** Those that cut the graph in two, the most promising first; asked where `searchers` left something to gain. */
export function cutters(problem: Problem, asked: readonly Entrant[]): readonly Entrant[] {
  const { graph, cluster } = problem;
  const pairs = cluster.devices.length - 1;
  if (pairs === 0) return [];
  const nodes = graph.nodes.length;
  const chain = elementNodes(graph).length;
  const few = { planner: exhaustive, microseconds: fewCuts * pairs * pairs * 40, isOfChain: false };
  const least = { planner: dadsLight, microseconds: nodes * pairs * 60, isOfChain: false };
  const entrants: readonly Entrant[] = [
    { planner: neurosurgeonChain, microseconds: chain * pairs * 60, isOfChain: true },
    ...(hasFewCuts(graph, fewCuts) ? [few] : []),
    ...(isChain(graph) ? [] : [least]),
    { planner: neurosurgeonTopological, microseconds: nodes * pairs * 60, isOfChain: false },
  ];
  return withinBudget(
    entrants,
    asked.reduce((left, { microseconds }) => left - microseconds, budget),
  );
}

function withinBudget(entrants: readonly Entrant[], most: number): readonly Entrant[] {
  let left = most;
  return entrants.filter(({ microseconds }) => {
    if (microseconds > left) return false;
    left -= microseconds;
    return true;
  });
}

const fewCuts = 64;

/** Asked where nobody has a feasible plan, whatever the time: complete searches of families that are small. */
export function lastResorts({ graph, cluster }: Problem): readonly Planner[] {
  if (cluster.devices.length < 2) return [];
  const pairs = cluster.devices.length * (cluster.devices.length - 1);
  return hasFewCuts(graph, Math.floor(mostCandidates / pairs))
    ? [exhaustive, everyPlacement]
    : [everyPlacement];
}

/** Cuts × pairs of devices: about a tenth of a second. */
const mostCandidates = 2 ** 13;
