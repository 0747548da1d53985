import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatestNumbers } from './latest-numbers.ts';

describe('LatestNumbers', () => {
  it('keeps what a list would from which the first is taken when there are too many', () => {
    fc.assert(
      fc.property(fc.nat(5), fc.array(fc.nat(9)), (most, told) => {
        const latest = new LatestNumbers(most);
        const list: number[] = [];
        for (const number of told) {
          latest.add(number);
          if (!list.includes(number)) list.push(number);
          if (list.length > most) list.shift();
          expect(latest.values()).toEqual(list);
          for (let other = 0; other < 10; other++) expect(latest.has(other)).toBe(list.includes(other));
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
