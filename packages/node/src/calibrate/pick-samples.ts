import { createRandom, InvalidInputError } from '@tandem/core';

/** Which samples of a data set to use. */
export interface SampleChoice {
  /** From the first, and up to but without the second, in the order of the data. @default all */
  readonly range?: readonly [number, number] | undefined;
  /** At most so many, evenly spread. @default all */
  readonly samples?: number | undefined;
}

const seed = 1;

/**
 * Positions of the chosen among `count` samples, in an order that is drawn and always the same, so that every part of it is as good as
 * any other. Throws InvalidInputError where the range holds none of some.
 */
export function pickSamples(count: number, { range, samples }: SampleChoice): readonly number[] {
  const [from, end] = range ?? [0, count];
  const to = Math.min(end, count);
  if (count > 0 && from >= to)
    throw new InvalidInputError(
      `the range ${from}:${end} holds none of the ${count} samples`,
      'Give --range FROM:TO within the data.',
    );
  const there = Math.max(0, to - from);
  const wanted = Math.min(samples ?? there, there);
  const picked = Array.from({ length: wanted }, (_, at) => from + Math.floor((at * there) / wanted));
  const random = createRandom(seed);
  for (let at = picked.length - 1; at > 0; at--) {
    const other = random.integer(at + 1);
    const held = picked[at] ?? 0;
    picked[at] = picked[other] ?? 0;
    picked[other] = held;
  }
  return picked;
}
