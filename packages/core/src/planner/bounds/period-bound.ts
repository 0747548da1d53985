import type { PacedSearch } from '../../search/paced-search.ts';
import type { ChainRelaxation } from './chain-relaxation.ts';
import type { LinkTimes } from './link-times.ts';
import { PeriodTrial } from './period-trial.ts';
import type { RelaxedUnit } from './relaxed-units.ts';

/** Of the range between what is refuted and what is not, by the logarithm. */
const mostHalvings = 10;
/** Nearer than this is near enough. */
const nearEnough = 1.002;

/**
 * No placement of nodes on devices answers requests more often, with links and memory looked at: the longest period that
 * `PeriodTrial` refutes, between the longest node on its fastest device and `known`, the period of a plan. Seconds.
 */
export function* periodBound(
  relaxation: ChainRelaxation,
  links: LinkTimes,
  known: number,
): PacedSearch<number> {
  const trial = new PeriodTrial(relaxation, links);
  let low = relaxation.units.reduce((most, unit) => Math.max(most, longestGroup(unit, links.devices)), 0);
  if (!(low < known)) return Math.min(low, known);
  if (yield* trial.refutes(known * (1 - 1e-12))) return known;
  let high = known;
  if (low === 0) {
    low = known / 2 ** mostHalvings;
    if (!(yield* trial.refutes(low))) return 0;
  }
  for (let step = 0; step < mostHalvings && high > low * nearEnough; step++) {
    const middle = Math.sqrt(low * high);
    if (yield* trial.refutes(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** The longest one on the device that is fastest at it. */
function longestGroup({ groups, seconds }: RelaxedUnit, devices: number): number {
  let longest = 0;
  for (const group of groups.keys())
    longest = Math.max(
      longest,
      seconds.subarray(group * devices, (group + 1) * devices).reduce((least, time) => Math.min(least, time)),
    );
  return longest;
}
