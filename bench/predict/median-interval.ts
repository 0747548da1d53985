import { createRandom } from '@tandem/core';
import { median } from '../paired.ts';

const draws = 2000;

/** The median with a 95 % percentile-bootstrap interval over the values (Efron 1979), seeded. */
export function medianInterval(values: readonly number[]): { median: number; low: number; high: number } {
  const random = createRandom(1);
  const medians = Array.from({ length: draws }, () =>
    median(values.map(() => values[random.integer(values.length)] ?? 0)),
  ).sort((left, right) => left - right);
  return {
    median: median(values),
    low: medians[Math.floor(0.025 * draws)] ?? Number.NaN,
    high: medians[Math.ceil(0.975 * draws) - 1] ?? Number.NaN,
  };
}
