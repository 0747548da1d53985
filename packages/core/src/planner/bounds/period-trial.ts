import type { PacedSearch } from '../../search/paced-search.ts';
import type { ChainRelaxation } from './chain-relaxation.ts';
import { CrossingPrices } from './crossing-prices.ts';
import type { LinkTimes } from './link-times.ts';
import { PeriodLoads } from './period-loads.ts';
import { PeriodWay } from './period-way.ts';

/** Weights tried for a period. */
const steps = 60;

/**
 * Refutes periods. In a placement that keeps to one, no device and no link is busy for longer, and every device has the memory; so no
 * weighted mean of these loads is above 1. Weights by which every way through the chain (`PeriodWay`) is above 1 are a refutation. They are
 * sought by multiplicative updates, and kept from one period to the next; where none are found, nothing is said.
 */
export class PeriodTrial {
  readonly #relaxation: ChainRelaxation;
  readonly #crossings: CrossingPrices;
  readonly #weights: PeriodLoads;

  constructor(relaxation: ChainRelaxation, links: LinkTimes) {
    this.#relaxation = relaxation;
    this.#weights = new PeriodLoads(relaxation.devices, 1);
    this.#crossings = new CrossingPrices(links, this.#weights);
  }

  *refutes(period: number): PacedSearch<boolean> {
    for (let step = 0; step < steps; step++) {
      yield;
      this.#weights.normalise();
      const way = new PeriodWay(this.#relaxation, this.#crossings, period, this.#weights);
      if (way.cost > 1 + 1e-9) return true;
      const loads = new PeriodLoads(this.#relaxation.devices, 0);
      way.load(loads);
      const most = loads.most();
      if (most <= 1) return false;
      this.#weights.raise(loads, 1 / (most * Math.sqrt(1 + step)));
    }
    return false;
  }
}
