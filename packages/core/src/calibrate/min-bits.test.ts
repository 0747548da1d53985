import fc from 'fast-check';
import { expect, it } from 'vitest';
import { affineBits } from '../codec/codec.ts';
import { minBits } from './min-bits.ts';

const losses = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 7, maxLength: 7 });

it('finds the fewest bits that lose little enough, as a scan does, where the loss falls with the bits', () => {
  fc.assert(
    fc.property(losses, fc.integer({ min: 0, max: 20 }), (drawn, most) => {
      const falling = drawn.toSorted((left, right) => right - left);
      const loss = (bits: number): number => falling[bits - 2] ?? Number.NaN;
      expect(minBits(loss, most)).toBe(affineBits.find((bits) => loss(bits) <= most) ?? null);
    }),
  );
});

it('never returns bits that lose too much, whatever was measured', () => {
  fc.assert(
    fc.property(losses, fc.integer({ min: 0, max: 20 }), (drawn, most) => {
      const loss = (bits: number): number => drawn[bits - 2] ?? Number.NaN;
      const bits = minBits(loss, most);
      if (bits === null) expect(loss(8)).toBeGreaterThan(most);
      else expect(loss(bits)).toBeLessThanOrEqual(most);
    }),
  );
});
