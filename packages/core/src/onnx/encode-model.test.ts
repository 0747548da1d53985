import { expect, test } from 'vitest';
import { rangeOf, zeroRange } from './byte-source.ts';
import { encodedBytes, encodedChunks } from './encode-model.ts';

const encoded = {
  sizeBytes: 11,
  ranges: [
    rangeOf(Uint8Array.of(1, 2)),
    zeroRange(3),
    rangeOf(Uint8Array.of(3)),
    { ...zeroRange(5), offset: 0 },
  ],
};

test.each([
  { chunkBytes: 1, sizes: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1] },
  { chunkBytes: 4, sizes: [4, 4, 3] },
  { chunkBytes: 11, sizes: [11] },
  { chunkBytes: undefined, sizes: [11] },
])('chunks of $chunkBytes have sizes $sizes and the same bytes', ({ chunkBytes, sizes }) => {
  const chunks = [...encodedChunks(encoded, chunkBytes)];
  expect(chunks.map((chunk) => chunk.length)).toEqual(sizes);
  expect(chunks.flatMap((chunk) => [...chunk])).toEqual([...encodedBytes(encoded)]);
});

test.each([0, -1, 0.5, Number.NaN, Infinity])('chunks of %d bytes are refused', (chunkBytes) => {
  expect(() => [...encodedChunks(encoded, chunkBytes)]).toThrow(/chunks of/);
});

test('a source that ends early is refused', () => {
  const short = { source: { size: 4, read: () => new Uint8Array(2) }, offset: 0, length: 4 };
  expect(() => encodedBytes({ sizeBytes: 4, ranges: [short] })).toThrow('reading 4 bytes at offset 0 gave 2');
});
