import type { ActivationCoder } from './activation-coder.ts';
import { encodedActivationBytes } from './activation-layout.ts';
import { type LosslessName, withoutLossless } from './codec.ts';

/** A compressor that gives back what it was given: a library, passed in, since platforms have different ones. */
export interface LosslessCoder {
  /** Both ends use the same. */
  readonly name: LosslessName;
  compress(bytes: Uint8Array): Uint8Array;
  /** Throws ProtocolError for bytes that `compress` did not write or that hold more than `sizeLimit`, before it has allocated more. */
  decompress(bytes: Uint8Array, sizeLimit: number): Uint8Array;
}

/** The first byte of a compressed activation; no other starts with it (see `writePrefix`). */
const compressedMark = 0x80;

/**
 * A coder whose bytes are compressed where that makes them fewer, so that `encodedActivationBytes` is a bound; reads what `coder` writes
 * as well. `EncodeOptions.into` then holds what was compressed, not the result.
 */
export function withLossless(coder: ActivationCoder, lossless: LosslessCoder): ActivationCoder {
  return {
    name: `${coder.name}, ${lossless.name}`,
    encode: (values, shape, codec, options) => {
      const { bytes, rawBecause } = coder.encode(values, shape, withoutLossless(codec), options);
      const compressed = lossless.compress(bytes);
      if (compressed.length + 1 >= bytes.length) return { bytes, rawBecause };
      const marked = new Uint8Array(compressed.length + 1);
      marked[0] = compressedMark;
      marked.set(compressed, 1);
      return { bytes: marked, rawBecause };
    },
    decode: (bytes, shape, codec, options) => {
      const packed = withoutLossless(codec);
      if (bytes[0] !== compressedMark) return coder.decode(bytes, shape, packed, options);
      const raw = encodedActivationBytes(shape, { kind: 'raw' });
      const most = Math.max(raw, encodedActivationBytes(shape, codec));
      return coder.decode(lossless.decompress(bytes.subarray(1), most), shape, packed, options);
    },
  };
}
