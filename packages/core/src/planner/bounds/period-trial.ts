import type { PacedSearch } from '../../search/paced-search.ts';
import type { IsLate } from '../pacer.ts';
import type { ChainRelaxation } from './chain-relaxation.ts';
import { CrossingPrices } from './crossing-prices.ts';
import type { LinkTimes } from './link-times.ts';
import { PeriodLoads } from './period-loads.ts';
import { PeriodWay } from './period-way.ts';

/** Weights tried for a period. */
const steps = 60;
/** The same where it is late: what is said then is little, but not nothing. */
const leastSteps = 10;

/** By how much less than what weights come to a period is tried that they should refute. */
const below = 1 - 1e-9;

/**
 * Refutes periods. In a placement that keeps to one, no device and no link is busy for longer, and every device has the memory; so no
 * weighted mean of these loads is above 1. Weights by which every way through the chain (`PeriodWay`) is above 1 are a refutation. They are
 * sought by multiplicative updates, and kept from one period to the next; where none are found, nothing is said of the period, but the
 * best weights refute a shorter one: loads of devices and links fall as the period grows, so what they come to says which.
 */
export class PeriodTrial {
  readonly #relaxation: ChainRelaxation;
  readonly #crossings: CrossingPrices;
  readonly #isLate: IsLate;
  /** What was tried last: for the next period, and for another chain of the same problem (`refutedBy`). */
  readonly weights: PeriodLoads;

  constructor(relaxation: ChainRelaxation, links: LinkTimes, isLate: IsLate) {
    this.#relaxation = relaxation;
    this.#isLate = isLate;
    this.weights = new PeriodLoads(relaxation.devices, 1);
    this.#crossings = new CrossingPrices(links, this.weights);
  }

  /** A period that is refuted, as long as can be found up to `period`; 0 = none. */
  *refuted(period: number): PacedSearch<number> {
    let best = { cost: 0, weights: this.weights };
    for (let step = 0; step < (this.#isLate() ? leastSteps : steps); step++) {
      yield;
      this.weights.normalise();
      const way = this.#way(period, this.weights);
      if (way.cost > 1 + 1e-9) return period;
      if (way.cost > best.cost) best = { cost: way.cost, weights: this.weights.copy() };
      const loads = new PeriodLoads(this.#relaxation.devices, 0);
      way.load(loads);
      const most = loads.most();
      if (most <= 1) break;
      this.weights.raise(loads, 1 / (most * Math.sqrt(1 + step)));
    }
    return this.#shorter(period * best.cost, best.weights);
  }

  /** The same by these weights alone. */
  refutedBy(weights: PeriodLoads, period: number): number {
    const cost = this.#way(period, weights).cost;
    return cost > 1 + 1e-9 ? period : this.#shorter(period * cost, weights);
  }

  /** What weights come to, a bit less, if that is refuted; else 0. */
  #shorter(reached: number, weights: PeriodLoads): number {
    const period = reached * below;
    return period > 0 && this.#way(period, weights).cost > 1 + 1e-9 ? period : 0;
  }

  #way(period: number, weights: PeriodLoads): PeriodWay {
    return new PeriodWay(this.#relaxation, this.#crossings, period, weights);
  }
}
