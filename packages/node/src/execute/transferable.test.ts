import { expect, it } from 'vitest';
import { buffersOf, letGo, movable } from './transferable.ts';

const tensor = (data: Uint8Array<ArrayBuffer>) => ({ name: 'x', type: 'uint8', shape: [2], data }) as const;

it('takes the memory of buffers away at once', () => {
  const data = Uint8Array.of(1, 2);
  letGo(buffersOf(movable([tensor(data)])));
  expect(data.byteLength).toBe(0);
});

it('copies what is part of a larger buffer, so that only the part moves', () => {
  const whole = Uint8Array.of(1, 2, 3);
  const [moved] = movable([tensor(whole.subarray(1))]);
  letGo(buffersOf(moved === undefined ? [] : [moved]));
  expect([...whole]).toEqual([1, 2, 3]);
});
