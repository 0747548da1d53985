import type { Plan } from '../plan/plan.ts';
import type { PlacedStage } from './placed-stage.ts';
import type { Report } from './report.ts';

/** One of the ways in which a plan runs requests, priced as if all did so. */
export interface PricedWay {
  /** How many of the pattern's; 0 where replicas of two stages never meet in a request. */
  readonly requests: number;
  readonly transfers: Plan['transfers'];
  readonly stages: readonly PlacedStage[];
  readonly report: Report;
  /** By resource: how long each such request of a stream occupies it. */
  readonly paced: readonly number[];
  /** What never arrives or must not leave. */
  readonly routeFaults: readonly string[];
}

/** Over the pattern's requests; what a way that none of them takes would cost may have no end, and does not count. */
export function meanOf<Way extends { readonly requests: number }>(
  ways: readonly Way[],
  figure: (way: Way) => number,
): number {
  let [sum, requests] = [0, 0];
  for (const way of ways) {
    if (way.requests === 0) continue;
    sum += way.requests * figure(way);
    requests += way.requests;
  }
  return sum / requests;
}

/** The largest time for which any resource is occupied by a request, on average. */
export function mixPeriod(ways: readonly Pick<PricedWay, 'requests' | 'paced'>[]): number {
  const resources = ways[0]?.paced.length ?? 0;
  let period = 0;
  for (let resource = 0; resource < resources; resource++)
    period = Math.max(
      period,
      meanOf(ways, ({ paced }) => paced[resource] ?? 0),
    );
  return period;
}
