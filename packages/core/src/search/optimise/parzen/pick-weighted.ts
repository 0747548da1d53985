import type { Random } from '../../../random.ts';

/** An index, each as likely as its weight, which sum to 1. */
export function pickWeighted(weights: ArrayLike<number>, random: Random): number {
  let left = random.next();
  for (let index = 0; index < weights.length - 1; index++) {
    left -= weights[index] ?? 0;
    if (left < 0) return index;
  }
  return weights.length - 1;
}
