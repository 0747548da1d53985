/** Rounding of sums in another order; what claims are held to. */
const rounding = 1e-9;

/** By what share `value` is above `least`: value / least − 1, 0 where they differ by rounding, Infinity above 0. Both >= 0. */
export function gapOver(value: number, least: number): number {
  if (Math.abs(value - least) <= rounding * least || value === least) return 0;
  return least === 0 ? Number.POSITIVE_INFINITY : value / least - 1;
}
