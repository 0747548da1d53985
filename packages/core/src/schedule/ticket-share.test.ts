import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../errors.ts';
import { covers, replicaShares } from './ticket-share.ts';

describe('replicaShares', () => {
  it.each([
    [[1], ['all']],
    [
      [1, 1],
      [[0], [1]],
    ],
    [
      [2, 1],
      [[0, 2], [1]],
    ],
    [
      [3, 1],
      [[0, 1, 3], [2]],
    ],
  ])('%j', (weights, expected) => {
    expect(replicaShares(weights).map((share) => share?.remainders ?? 'all')).toEqual(expected);
  });

  it('gives every ticket to exactly one replica, and every replica some', () => {
    const weights = fc.array(fc.double({ min: 1e-3, max: 100, noNaN: true }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(weights, fc.nat(1000), (given, ticket) => {
        const shares = replicaShares(given);
        expect(shares.filter((share) => covers(share, ticket))).toHaveLength(1);
        for (const share of shares) expect(share?.remainders.length ?? 1).toBeGreaterThan(0);
      }),
    );
  });

  it('wants weights above 0', () => {
    expect(() => replicaShares([1, 0])).toThrow(InvalidInputError);
  });
});
