import type { Random } from '../random.ts';

/** `count` of the numbers 0 … limit − 1 without repetition, ascending. O(limit). */
export function chooseSome(limit: number, count: number, random: Random): Int32Array {
  const chosen = new Int32Array(Math.min(count, limit));
  let taken = 0;
  for (let value = 0; value < limit && taken < chosen.length; value++) {
    if (random.integer(limit - value) < chosen.length - taken) chosen[taken++] = value;
  }
  return chosen;
}

/** `limit` draws with repetition from 0 … limit − 1, ascending: a bootstrap sample. */
export function bootstrap(limit: number, random: Random): Int32Array {
  return Int32Array.from({ length: limit }, () => random.integer(limit)).sort();
}

/** A share of a whole as a whole number, at least one. */
export const shareOf = (share: number, whole: number): number =>
  Math.max(1, Math.min(whole, Math.round(share * whole)));
