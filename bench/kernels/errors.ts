import { createRandom, quantile } from '@tandem/core';

/** A logarithm of foretold over true time, and the group (a kernel, a network) that is drawn as one. */
export interface LogError {
  readonly group: string;
  readonly error: number;
}

export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const draws = 1000;

export const rootMeanSquare = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);

/** The RMS with a 95 % percentile-bootstrap interval (Efron 1979) over groups, seeded. */
export function rmsInterval(errors: readonly LogError[]): Interval {
  const byGroup = new Map<string, { squares: number; count: number }>();
  for (const { group, error } of errors) {
    const { squares, count } = byGroup.get(group) ?? { squares: 0, count: 0 };
    byGroup.set(group, { squares: squares + error ** 2, count: count + 1 });
  }
  const groups = [...byGroup.values()];
  const random = createRandom(1);
  const values = Array.from({ length: draws }, () => {
    let [squares, count] = [0, 0];
    for (let draw = 0; draw < groups.length; draw++) {
      const group = groups[random.integer(groups.length)];
      squares += group?.squares ?? 0;
      count += group?.count ?? 0;
    }
    return Math.sqrt(squares / count);
  });
  return {
    value: rootMeanSquare(errors.map(({ error }) => error)),
    low: quantile(values, 0.025),
    high: quantile(values, 0.975),
  };
}

/** The part of times within ±10 %. */
export const closeShare = (errors: readonly number[]): number =>
  errors.filter((error) => Math.abs(Math.exp(error) - 1) <= 0.1).length / errors.length;

/** Of each pass against the median of the others: what no predictor of one pass can fall below. */
export function passErrors(passes: readonly number[]): number[] {
  return passes.map((value, index) => Math.log(value / quantile(passes.toSpliced(index, 1), 0.5)));
}
