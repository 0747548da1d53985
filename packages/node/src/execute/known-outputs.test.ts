import { expect, it } from 'vitest';
import { knownOutputs, outputBuffers } from './known-outputs.ts';

const value = (name: string, ...shape: (number | string)[]) =>
  ({ name, isTensor: true, type: 'float32', shape }) as const;

it.each([
  ['sizes that are stated', [value('x', 1, 3)], [value('y', 1, 10)], [[1, 10]]],
  ['an open size of the output', [value('x', 1, 3)], [value('y', 'found'), value('z', 2)], [null, [2]]],
  ['an open size of an input', [value('x', 'batch', 3)], [value('y', 1, 10)], [null]],
  ['no sizes, or none stated', [value('x', 1)], [value('y')], [null]],
  ['an empty output', [value('x', 1)], [value('y', 0, 4)], [null]],
])('knows outputs: %s', (_what, inputMetadata, outputMetadata, expected) => {
  const outputs = knownOutputs({ inputMetadata, outputMetadata });
  expect(outputs.map((output) => output?.shape ?? null)).toEqual(expected);
});

it('takes buffers of the size where they are given, and makes the others', () => {
  const known = { name: 'y', type: 'float16', shape: [3, 2] } as const;
  const [fit, short] = [new Uint8Array(12), new Uint8Array(11)];
  const buffers = outputBuffers([known, null, known, known], [fit, short]);
  expect(buffers.map((buffer) => buffer?.data.byteLength ?? null)).toEqual([12, null, 12, 12]);
  expect(buffers.map((buffer) => buffer?.data === fit)).toEqual([true, false, false, false]);
});
