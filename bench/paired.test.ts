import { describe, expect, it } from 'vitest';
import { median, paired, quantile } from './paired.ts';

const signal = new AbortController().signal;

describe('quantile', () => {
  it.each([
    { values: [3], fraction: 0.5, expected: 3 },
    { values: [4, 1, 3, 2], fraction: 0.5, expected: 2.5 },
    { values: [10, 0, 5], fraction: 0.25, expected: 2.5 },
    { values: [1, 100, 2], fraction: 1, expected: 100 },
    { values: [], fraction: 0.5, expected: Number.NaN },
  ])('of $values at $fraction is $expected', ({ values, fraction, expected }) => {
    expect(quantile(values, fraction)).toBe(expected);
  });
});

describe('paired', () => {
  it('divides within a round, so that a slow round does not move the ratio', async () => {
    const slow = [1, 10, 1, 1];
    const round = { first: 0, second: 0 };
    const result = await paired(
      async () => slow[round.first++] ?? 0,
      async () => 2 * (slow[round.second++] ?? 0),
      { rounds: 4, warmUp: 0, signal },
    );
    expect(result).toEqual({
      firstSeconds: 1,
      secondSeconds: 2,
      ratio: 2,
      ratioQuartiles: [2, 2],
      ratios: [2, 2, 2, 2],
    });
  });

  it('swaps the order each round and does not count the warm-up', async () => {
    const order: string[] = [];
    const record = (name: string, seconds: number) => async () => {
      order.push(name);
      return seconds + (order.length <= 2 ? 1000 : 0);
    };
    const { firstSeconds } = await paired(record('a', 1), record('b', 1), { rounds: 3, signal });
    expect(order.join('')).toBe('baabbaab');
    expect(firstSeconds).toBe(1);
  });

  it('stops when it is told', async () => {
    const stopped = AbortSignal.abort(new Error('enough'));
    await expect(
      paired(
        async () => 1,
        async () => 1,
        { rounds: 1, signal: stopped },
      ),
    ).rejects.toThrow('enough');
  });

  it('takes the middle of an even number of values between them', () => expect(median([1, 2])).toBe(1.5));
});
