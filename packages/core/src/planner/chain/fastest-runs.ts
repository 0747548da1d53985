import type { Stage } from '../../plan/plan.ts';
import type { Problem } from '../../plan/problem.ts';
import { assignChain } from '../../search/chain/assign-chain.ts';
import type { ChainAssignment, ChainProblem } from '../../search/chain/chain-problem.ts';
import { runPacedSearch } from '../../search/paced-search.ts';
import type { Pacer } from '../pacer.ts';
import { ChainCosts } from './chain-costs.ts';
import { deviceKinds } from './device-kinds.ts';

/** More elements are taken together: the runs of a chain grow with the square, and 192 is beyond any published network. */
const mostUnits = 192;

/** The chain of which `fastestRuns` are sought. */
export const chainOfRuns = (problem: Problem): ChainCosts => ChainCosts.of(problem, mostUnits);

export interface FastestRuns {
  readonly stages: readonly Stage[];
  readonly value: number;
}

/** Of all devices; several planners ask for the same. */
const known = new WeakMap<ChainCosts, FastestRuns | 'none'>();

/** The runs of the chain on different devices that have the shortest period; null where none fits. See `assignChain`. */
export async function fastestRuns(costs: ChainCosts, pacer: Pacer): Promise<FastestRuns | null> {
  let found = known.get(costs);
  if (found === undefined) {
    found = (await fastestRunsOn(costs, [...costs.devices.keys()], pacer)) ?? 'none';
    known.set(costs, found);
  }
  return found === 'none' ? null : found;
}

/** The same on different ones of `devices`. */
export async function fastestRunsOn(
  costs: ChainCosts,
  devices: readonly number[],
  pacer: Pacer,
): Promise<FastestRuns | null> {
  const kinds = deviceKinds(costs, devices);
  const problem = chainProblemOf(costs, kinds);
  let found: ChainAssignment | null = null;
  for (const variant of variantsOf(costs, kinds, problem)) {
    const other = await runPacedSearch(assignChain(variant), pacer);
    if (other !== null && (found === null || other.value < found.value)) found = other;
  }
  if (found === null) return null;
  const used = kinds.map(() => 0);
  const runs = found.runs.map(({ kind, first, end }) => {
    const turn = used[kind] ?? 0;
    used[kind] = turn + 1;
    return { device: kinds[kind]?.[turn] ?? -1, first, end };
  });
  return { stages: costs.stages(runs), value: found.value };
}

function chainProblemOf(costs: ChainCosts, kinds: readonly (readonly number[])[]): ChainProblem {
  const units = costs.units.length;
  const { source, sink } = costs.index;
  const device = (kind: number): number => kinds[kind]?.[0] ?? -1;
  const next = (kind: number, other: number): number => kinds[kind]?.[other === kind ? 1 : 0] ?? -1;
  const occupied = (position: number, from: number, to: number): number =>
    costs.crossingTime(position, from, to).occupiedSeconds;
  const hasRoom = kinds.map((_, kind) => costs.mostBytes(device(kind)) <= costs.capacityBytes(device(kind)));
  return {
    units,
    counts: kinds.map(({ length }) => length),
    work: (kind, first, end) => costs.seconds(device(kind), first, end),
    fits: (kind, first, end) =>
      hasRoom[kind] === true ||
      costs.memoryBytes(device(kind), first, end) <= costs.capacityBytes(device(kind)),
    handover: (position, from, to) =>
      next(to, from) < 0 ? 0 : occupied(position, device(from), next(to, from)),
    entering: (kind) => occupied(0, source, device(kind)),
    leaving: (kind) => occupied(units, device(kind), sink),
  };
}

/**
 * Where the first run is at the sink and the last at the source, the input and the answer share the link between them: such assignments
 * are looked for apart, and all others without a first run at the sink.
 */
function variantsOf(
  costs: ChainCosts,
  kinds: readonly (readonly number[])[],
  problem: ChainProblem,
): ChainProblem[] {
  const { source, sink } = costs.index;
  const isAt = (kind: number, device: number): boolean => kinds[kind]?.[0] === device;
  if (source === sink || !kinds.some((_, kind) => isAt(kind, sink))) return [problem];
  const input = costs.crossingTime(0, source, sink).occupiedSeconds;
  return [
    {
      ...problem,
      entering: (kind) => (isAt(kind, sink) ? Number.POSITIVE_INFINITY : problem.entering(kind)),
    },
    {
      ...problem,
      entering: (kind) => (isAt(kind, sink) ? input : Number.POSITIVE_INFINITY),
      leaving: (kind) => problem.leaving(kind) + (isAt(kind, source) ? input : 0),
    },
  ];
}
