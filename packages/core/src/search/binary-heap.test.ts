import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BinaryHeap } from './binary-heap.ts';

it('gives items in order, whenever they come', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: -9, max: 9 }))), (actions) => {
      const heap = new BinaryHeap<number>((left, right) => left < right);
      const held: number[] = [];
      for (const action of actions) {
        if (action === null) {
          held.sort((left, right) => left - right);
          expect(heap.pop()).toBe(held.shift());
        } else {
          heap.push(action);
          held.push(action);
        }
      }
    }),
  );
});
