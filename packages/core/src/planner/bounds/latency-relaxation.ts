import type { PacedSearch } from '../../search/paced-search.ts';
import type { ChainCosts } from '../chain/chain-costs.ts';
import type { ChainRelaxation } from './chain-relaxation.ts';
import type { LinkTimes } from './link-times.ts';
import type { RelaxedUnit } from './relaxed-units.ts';
import { type UnitLatencies, unitLatencies } from './unit-latencies.ts';

/** The same with what units take at the least. */
export interface LatencyRelaxation extends ChainRelaxation {
  readonly steps: readonly UnitLatencies[];
  /** [device]: from the device on which the last tensor arises to the sink. */
  readonly leaving: Float64Array;
}

export function* latencyRelaxation(
  relaxation: ChainRelaxation,
  chain: ChainCosts,
  links: LinkTimes,
): PacedSearch<LatencyRelaxation> {
  const { units, twins, devices, answerBytes, sink, canPart, inputStays } = relaxation;
  const steps: UnitLatencies[] = [];
  for (let position = units.length - 1; position >= 0; position--) {
    yield;
    const unit = units[position] as RelaxedUnit;
    const twin = position === 0 && inputStays ? undefined : steps[twins[position] as number];
    steps[position] = twin ?? unitLatencies(chain, links, unit, position, canPart);
  }
  const answer = answerBytes === null ? null : links.arrival(answerBytes);
  return {
    ...relaxation,
    steps,
    leaving: Float64Array.from({ length: devices }, (_, device) => answer?.[device * devices + sink] ?? 0),
  };
}
