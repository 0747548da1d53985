import { expect, it } from 'vitest';
import { knownOutputs, outputBuffer } from './known-outputs.ts';

const value = (name: string, ...shape: (number | string)[]) =>
  ({ name, isTensor: true, type: 'float32', shape }) as const;

it.each([
  ['sizes that are stated', [value('x', 1, 3)], [value('y', 1, 10)], [[1, 10]]],
  ['an open size of the output', [value('x', 1, 3)], [value('y', 'found'), value('z', 2)], [null, [2]]],
  ['an open size of an input', [value('x', 'batch', 3)], [value('y', 1, 10)], [null]],
  ['an empty output', [value('x', 1)], [value('y', 0, 4)], [null]],
])('knows outputs: %s', (_what, inputMetadata, outputMetadata, expected) => {
  const outputs = knownOutputs({ inputMetadata, outputMetadata });
  expect(outputs.map((output) => output?.shape ?? null)).toEqual(expected);
});

it('makes a buffer of the size', () => {
  expect(outputBuffer({ name: 'y', type: 'float16', shape: [3, 2] }).data.byteLength).toBe(12);
});
