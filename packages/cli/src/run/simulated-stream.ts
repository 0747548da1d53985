import {
  type Metrics,
  metricsOf,
  type Plan,
  type Problem,
  powerFigures,
  scenarioOf,
  seconds,
  simulate,
} from '@tandem/core';
import type { StreamWanted } from './stream-run.ts';

/** What the simulator says of the stream that `run --requests` sends: as the plan runs them, at its predicted times. */
export function simulatedStream(problem: Problem, plan: Plan, wanted: StreamWanted): Metrics {
  const { requests, atSeconds, window, ordered } = wanted;
  const arrivals =
    atSeconds === null
      ? ({ kind: 'batch', requests } as const)
      : ({ kind: 'trace', atSeconds: atSeconds.map(seconds) } as const);
  const scenario = scenarioOf(problem, plan, { arrivals, window, ordered, waiting: requests });
  return metricsOf(simulate(scenario), { power: powerFigures(problem, plan) });
}
