import { createRandom, type Random } from '../random.ts';
import type { ScenarioArrivals, ScenarioPipeline } from './scenario.ts';

/** When a pipeline's requests come in a simulation of this seed, for whoever wants to send them so. */
export function pipelineArrivals(
  { version, arrivals }: Pick<ScenarioPipeline, 'version' | 'arrivals'>,
  seed: number,
): Generator<number, void, undefined> {
  return arrivalTimes(arrivals, createRandom(seed).split(`arrivals of ${version}`));
}

/** When requests come, in seconds, ascending, one at a time. */
function* arrivalTimes(arrivals: ScenarioArrivals, random: Random): Generator<number, void, undefined> {
  switch (arrivals.kind) {
    case 'one':
      yield 0;
      return;
    case 'batch':
      for (let request = 0; request < arrivals.requests; request++) yield 0;
      return;
    case 'periodic':
      for (let request = 0; request < arrivals.requests; request++) yield request * arrivals.seconds;
      return;
    case 'poisson': {
      let now = 0;
      for (let request = 0; request < arrivals.requests; request++) {
        now += exponential(random) / arrivals.perSecond;
        yield now;
      }
      return;
    }
    case 'trace':
      yield* arrivals.atSeconds;
  }
}

/** Of mean 1. */
export function exponential(random: Random): number {
  return -Math.log(1 - random.next());
}
