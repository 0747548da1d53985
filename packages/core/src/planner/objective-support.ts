import type { DeviceId } from '../cluster/cluster.ts';
import type { Objective, PlainFigure, Problem } from '../plan/problem.ts';
import type { Planner } from './planner.ts';

/**
 * Whether placements on `devices` can be ranked by the problem's objective: yes, unless it asks for the energy of a device whose power
 * the cluster does not state. A guess in its place would decide between plans.
 */
export function supportsObjective(
  { cluster, objective }: Problem,
  devices: readonly DeviceId[],
): ReturnType<Planner['supports']> {
  if (!figuresOf(objective).includes('energyJoules')) return { yes: true };
  const silent = cluster.devices.filter(({ id, power }) => devices.includes(id) && power === undefined);
  if (silent.length === 0) return { yes: true };
  const names = silent.map(({ id }) => `'${id}'`).join(', ');
  return {
    yes: false,
    reason: `The objective asks for energy, and the cluster does not state the power of ${names}.`,
  };
}

/** The figures that count. */
export function figuresOf(objective: Objective): readonly PlainFigure[] {
  switch (objective.kind) {
    case 'weighted':
      return objective.terms.filter(({ weight }) => weight > 0).map(({ figure }) => figure);
    case 'lexicographic':
      return objective.figures;
    case 'latency':
      return ['latencySeconds'];
    case 'period':
      return ['periodSeconds'];
    case 'makespan':
      return ['makespanSeconds'];
    case 'energy':
      return ['energyJoules'];
  }
}
