/** Separabilities above this are all the same: the second label is not similar at all. */
export const mostSeparability = 1000;

/**
 * How clearly a request belongs to one label (S of COACH's equation 9): |t| (t_H − t_SH) t_H / t_SH, of its similarities t to the labels'
 * centres, the greatest and the second. 0 where the greatest is 0; at most 1000, which a second of 0 comes to.
 */
export function separability(norm: number, highest: number, second: number): number {
  if (!(highest > 0)) return 0;
  const value = (norm * (highest - second) * highest) / Math.max(second, 1e-6);
  return Math.min(mostSeparability, Math.max(0, value));
}
