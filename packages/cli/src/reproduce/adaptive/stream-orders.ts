import { createRandom, type Random } from '@tandem/core';
import type { RecordedSample } from './recorded-sample.ts';
import type { Subject } from './subjects.ts';

/** How alike neighbours in a stream are. */
export const levels = ['low', 'medium', 'high'] as const;
export type Level = (typeof levels)[number];

/** Samples of one run at medium correlation: what a camera sees in a second or so. */
export const runLength = 25;
const seed = 3;

/**
 * The judged samples as a stream: shuffled; in runs of neighbours that are shuffled; in order. Neighbours of clips are frames that follow
 * each other; single pictures have none, and pictures of one class stand in for them.
 */
export function streamOf(
  parts: readonly (readonly RecordedSample[])[],
  order: Subject['order'],
  level: Level,
): readonly RecordedSample[] {
  const ordered = order === 'by-time' ? parts : parts.map(byClass);
  const random = createRandom(seed).split(level);
  if (level === 'high') return ordered.flat();
  if (level === 'low') return shuffled(parts.flat(), random);
  return shuffled(ordered.flatMap(runsOf), random).flat();
}

function byClass(samples: readonly RecordedSample[]): readonly RecordedSample[] {
  return samples.toSorted((left, right) => left.truth - right.truth);
}

function runsOf(samples: readonly RecordedSample[]): readonly (readonly RecordedSample[])[] {
  const runs: (readonly RecordedSample[])[] = [];
  for (let from = 0; from < samples.length; from += runLength)
    runs.push(samples.slice(from, from + runLength));
  return runs;
}

export function shuffled<Value>(values: readonly Value[], random: Random): readonly Value[] {
  const drawn = values.map((value) => ({ value, draw: random.next() }));
  return drawn.sort((left, right) => left.draw - right.draw).map(({ value }) => value);
}
