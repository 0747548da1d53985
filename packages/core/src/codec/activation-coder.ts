import type { Codec } from './codec.ts';
import { type DecodeOptions, decodeActivation } from './decode-activation.ts';
import { type EncodedActivation, type EncodeOptions, encodeActivation } from './encode-activation.ts';

/** Activations as bytes and back. All coders write the same bytes; they differ in speed. Calls are synchronous and may take milliseconds. */
export interface ActivationCoder {
  /** For people: 'plain', 'simd'. */
  readonly name: string;
  /** See `encodeActivation`. The bytes are the caller's. */
  encode(
    values: Float32Array,
    shape: readonly number[],
    codec: Codec,
    options?: EncodeOptions,
  ): EncodedActivation;
  /** See `decodeActivation`: refuses another codec than `codec`, or raw where it could not hold the values. The values are the caller's. */
  decode(
    bytes: Uint8Array,
    shape: readonly number[],
    codec: Codec,
    options?: DecodeOptions,
  ): Float32Array<ArrayBuffer>;
}

/** Plain TypeScript: what the other coders are held to. */
export const plainCoder: ActivationCoder = {
  name: 'plain',
  encode: encodeActivation,
  decode: decodeActivation,
};
