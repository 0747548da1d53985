import type { DynamicsState } from './dynamics-state.ts';
import { rungNumber } from './ladder.ts';

/** Requests of less priority are shed: by command, and under load those of the lowest class; null = none are. */
export function admittedFrom({ mission, load }: DynamicsState): number | null {
  const isShedding = load.ladder.rung >= rungNumber('load', 'admission');
  const next = isShedding ? (load.priorities[1] ?? null) : null;
  const { leastPriority } = mission;
  return next === null || leastPriority === null ? (next ?? leastPriority) : Math.max(next, leastPriority);
}
