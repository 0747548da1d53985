import type { PacedSearch } from '../../search/paced-search.ts';
import type { IsLate } from '../pacer.ts';
import type { ChainRelaxation } from './chain-relaxation.ts';
import type { LinkTimes } from './link-times.ts';
import { PeriodLoads } from './period-loads.ts';
import { PeriodTrial } from './period-trial.ts';
import type { RelaxedUnit } from './relaxed-units.ts';

/** Of the range between what is refuted and what is not, by the logarithm. */
const mostHalvings = 10;
/** Nearer than this is near enough. */
const nearEnough = 1.002;

export interface PeriodBound {
  /** Seconds. */
  readonly value: number;
  /** By which it may be refuted; normalised. */
  readonly weights: PeriodLoads;
}

/**
 * No placement of nodes on devices answers requests more often, with links and memory looked at: the longest period that
 * `PeriodTrial` refutes, between the longest node on its fastest device and `known`, the period of a plan. `hint`: weights that were good for
 * another relaxation of the problem. Ends sooner where it `isLate`.
 */
export function* periodBound(
  relaxation: ChainRelaxation,
  links: LinkTimes,
  known: number,
  hint: PeriodLoads | null = null,
  isLate: IsLate = () => false,
): PacedSearch<PeriodBound> {
  const trial = new PeriodTrial(relaxation, links, isLate);
  const { weights } = trial;
  let low = relaxation.units.reduce((most, unit) => Math.max(most, longestGroup(unit, links.devices)), 0);
  if (!(low < known)) return { value: Math.min(low, known), weights };
  const whole = known * (1 - 1e-12);
  const first = Math.max(hint === null ? 0 : trial.refutedBy(hint, whole), yield* trial.refuted(whole));
  if (first === whole) return { value: known, weights };
  low = Math.max(low, first);
  let high = known;
  if (low === 0) {
    low = yield* trial.refuted(known / 2 ** mostHalvings);
    if (low === 0) return { value: 0, weights };
  }
  for (let step = 0; step < mostHalvings && high > low * nearEnough && !isLate(); step++) {
    const middle = Math.sqrt(low * high);
    const refuted = yield* trial.refuted(middle);
    if (refuted < middle) high = middle;
    low = Math.max(low, refuted);
  }
  return { value: low, weights };
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
