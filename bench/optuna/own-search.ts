import { createRandom, type Optimiser, type Point, parzenSearch, type Space } from '@tandem/core';
import { median } from '../paired.ts';

/** What a search of so many trials came to. */
export interface Searched {
  /** The median of a trial after the warm ones, from one call of the objective to the next. */
  readonly seconds: number;
  /** The least value. */
  readonly value: number;
}

export interface OwnSearch {
  readonly space: Space;
  readonly objective: (point: Point) => number;
  readonly trials: number;
  readonly seed: number;
  /** Tried first. */
  readonly warm: readonly Point[];
  /** @default the search's own */
  readonly candidates?: number;
}

/** Our Parzen search, timed from within. */
export function ownSearch({ space, objective, trials, seed, warm, candidates }: OwnSearch): Searched {
  const search: Optimiser = parzenSearch(
    space,
    {
      maximumEvaluations: trials,
      patience: trials,
      flatness: 0,
      warm,
      ...(candidates === undefined ? {} : { candidates }),
    },
    createRandom(seed),
  );
  const begins: number[] = [];
  let step = search.next(0);
  while (step.done !== true) {
    if (step.value !== null) begins.push(performance.now());
    step = search.next(step.value === null ? 0 : objective(step.value));
  }
  const spent = begins.slice(1).map((begin, at) => (begin - (begins[at] ?? 0)) / 1000);
  return { seconds: median(spent.slice(warm.length)), value: step.value.value };
}
