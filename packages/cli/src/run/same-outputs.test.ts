import type { TensorValue } from '@tandem/runtime';
import { describe, expect, it } from 'vitest';
import { sameOutputs } from './same-outputs.ts';

const tensor = (...data: number[]): TensorValue => ({
  name: 'tensor',
  type: 'uint8',
  shape: [data.length],
  data: Uint8Array.from(data),
});

describe('sameOutputs', () => {
  it.each([
    { name: 'none', left: [], right: [], isSame: true },
    { name: 'equal ones', left: [tensor(1, 2), tensor()], right: [tensor(1, 2), tensor()], isSame: true },
    { name: 'one bit', left: [tensor(1, 2)], right: [tensor(1, 3)], isSame: false },
    { name: 'their order', left: [tensor(1), tensor(2)], right: [tensor(2), tensor(1)], isSame: false },
    { name: 'one that is missing', left: [tensor(1)], right: [tensor(1), tensor()], isSame: false },
    { name: 'one too many', left: [tensor(1), tensor()], right: [tensor(1)], isSame: false },
  ])('tells $name: $isSame', ({ left, right, isSame }) => {
    expect(sameOutputs(left, right)).toBe(isSame);
  });
});
