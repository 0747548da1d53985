import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberMap } from './number-map.ts';

describe('NumberMap', () => {
  it('is a Map whatever comes and goes', () => {
    // Numbers that meet in the low bits, so that some have to look further.
    const number = fc.oneof(
      fc.nat(20),
      fc.nat(9).map((high) => high * 2 ** 32),
    );
    const steps = fc.array(fc.record({ number, deletes: fc.boolean() }), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (sequence) => {
        const map = new NumberMap<string>();
        const model = new Map<number, string>();
        for (const [at, { number, deletes }] of sequence.entries()) {
          if (deletes) expect(map.delete(number)).toBe(model.delete(number));
          else {
            map.set(number, `${at}`);
            model.set(number, `${at}`);
          }
          expect([...map.values()]).toEqual([...model.values()]);
          expect(map.first).toBe([...model.values()][0]);
          expect(map.size).toBe(model.size);
          for (const one of [number, number + 1]) expect(map.get(one)).toBe(model.get(one));
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('lets entries be deleted while they are gone through', () => {
    const map = new NumberMap<number>();
    for (let number = 0; number < 20; number++) map.set(number, number);
    const seen: number[] = [];
    for (const value of map.values()) {
      seen.push(value);
      map.delete(value);
      map.delete(value + 1);
    }
    expect(seen).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
    expect(map.size).toBe(0);
  });
});
