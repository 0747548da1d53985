import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pacedSort } from './paced-sort.ts';

interface Item {
  readonly key: number;
  readonly position: number;
}

const byKey = (left: Item, right: Item): number => left.key - right.key;

describe('pacedSort', () => {
  it('sorts like Array.sort, ties in their first order', async () => {
    const lists = fc.array(fc.nat(50), { maxLength: 3000, size: 'max' });
    const property = fc.asyncProperty(lists, async (keys) => {
      const items = keys.map((key, position) => ({ key, position }));
      expect(await pacedSort(items, byKey, async () => undefined)).toEqual([...items].sort(byKey));
    });
    await fc.assert(property, { seed: 3, numRuns: 50 });
  });

  it('asks the pacer about every piece, and ends with its reason', async () => {
    const items = Array.from({ length: 5000 }, (_, position) => ({ key: -position, position }));
    let asked = 0;
    const pacer = async (): Promise<void> => {
      asked += 1;
      if (asked === 15) throw new Error('enough');
    };
    await expect(pacedSort(items, byKey, pacer)).rejects.toThrow('enough');
    expect(asked).toBe(15);
  });
});
