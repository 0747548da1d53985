import { describe, expect, it } from 'vitest';
import { reassigned } from './reassigned.ts';

const kept = new Map([
  [0, 'a'],
  [2, 'b'],
]);

describe('reassigned', () => {
  it('takes the cheapest of all combinations', () => {
    const cost = (devices: ReadonlyMap<number, string>): number =>
      [...devices.values()].join('') === 'acbd' ? 1 : 2;
    const found = reassigned({
      lost: [1, 3],
      kept,
      survivors: ['c', 'd'],
      cost: (devices) => cost(new Map([0, 1, 2, 3].map((stage) => [stage, devices.get(stage) ?? '']))),
    });
    expect(Object.fromEntries(found ?? [])).toEqual({ 0: 'a', 1: 'c', 2: 'b', 3: 'd' });
  });

  it('takes the preferred among equals, and leaves alone what nobody lost', () => {
    expect(reassigned({ lost: [1], kept, survivors: ['b', 'a'], cost: () => 1 })?.get(1)).toBe('b');
    expect(reassigned({ lost: [], kept, survivors: [], cost: () => null })).toEqual(kept);
  });

  it('says when nothing fits or nobody is left', () => {
    expect(reassigned({ lost: [1], kept, survivors: ['a'], cost: () => null })).toBeNull();
    expect(reassigned({ lost: [1], kept, survivors: [], cost: () => 1 })).toBeNull();
  });

  it('goes stage by stage where combinations are many', () => {
    const survivors = Array.from({ length: 20 }, (_, index) => `d${index}`);
    const lost = [1, 3, 4];
    let asked = 0;
    const cost = (devices: ReadonlyMap<number, string>): number => {
      asked++;
      return lost.reduce((sum, stage) => sum + Math.abs(Number(devices.get(stage)?.slice(1)) - stage), 0);
    };
    const found = reassigned({ lost, kept, survivors, cost });
    expect(lost.map((stage) => found?.get(stage))).toEqual(['d1', 'd3', 'd4']);
    expect(asked).toBeLessThanOrEqual(1 + 3 * 20);
  });
});
