/** Table entries for each unit of the exponent, and the exponents it reaches to: 4096 numbers, which stay in a core's cache. */
const perUnit = 64;
const reach = 64;

const table = Float64Array.from({ length: perUnit * reach + 1 }, (_, entry) => Math.exp(-entry / perUnit));

/** e^−x for x ≥ 0, several times as fast as `Math.exp`; relative error below 1e-11. Below 0 it is slower and exact. */
export function fallingExponential(x: number): number {
  if (!(x >= 0 && x < reach)) return Math.exp(-x);
  const entry = (x * perUnit) | 0;
  const rest = entry / perUnit - x;
  // Four terms of the series; the fifth is at most 64⁻⁵ / 120.
  return (table[entry] as number) * (1 + rest * (1 + rest * (1 / 2 + rest * (1 / 6 + rest / 24))));
}
