import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { type LosslessCoder, ProtocolError } from '@tandem/core';

/** Brotli of quality 1, much slower than packing and much faster than most links; `bench codec` says what it saves. */
export const brotli: LosslessCoder = {
  name: 'brotli',
  compress: (bytes) =>
    brotliCompressSync(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 1, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }),
  decompress: (bytes, sizeLimit) => {
    try {
      return brotliDecompressSync(bytes, { maxOutputLength: sizeLimit });
    } catch (cause) {
      throw new ProtocolError(
        `a compressed activation of ${bytes.length} bytes holds no brotli of up to ${sizeLimit} bytes`,
        'Run the same version of Tandem on both machines, with the same plan.',
        { cause },
      );
    }
  },
};

/** The compressors that agents have here. */
export const nodeLossless: readonly LosslessCoder[] = [brotli];
