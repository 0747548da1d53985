import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import type { LosslessCoder } from '@tandem/core';
import { describe, it } from 'vitest';
import { coderConformance } from './coder-conformance.ts';
import { inlineCoder } from './tensor-coder.ts';

const brotli: LosslessCoder = {
  name: 'brotli',
  compress: (bytes) => new Uint8Array(brotliCompressSync(bytes)),
  decompress: (bytes, maxOutputLength) => new Uint8Array(brotliDecompressSync(bytes, { maxOutputLength })),
};

describe.each([{ lossless: [] }, { lossless: [brotli] }])(
  'inline coder, $lossless.length compressors',
  ({ lossless }) => {
    it.each(coderConformance(() => inlineCoder(lossless)))('$name', ({ run }) => run());
  },
);
