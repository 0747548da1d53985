import type { Random } from '../random.ts';

/** A draw from the standard normal distribution (Box and Muller 1958), from two uniform ones. */
export function standardNormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
  return radius * Math.cos(2 * Math.PI * random.next());
}
