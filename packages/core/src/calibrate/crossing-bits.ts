import { type AffineBits, affineBits, type Codec } from '../codec/codec.ts';

/** Bits an element of what crosses a cut: of the affine codec, or 16 = half precision. */
export type CrossingBits = AffineBits | 16;

/** Fewest first. */
export const crossingBits: readonly CrossingBits[] = [...affineBits, 16];

export function crossingCodec(bits: CrossingBits): Codec {
  return bits === 16 ? { kind: 'fp16' } : { kind: 'affine', bits, perChannel: false };
}

/**
 * Whether one lost answer in a half of so many samples is no more than a share of `most`. With fewer samples no loss was seen where
 * none is allowed, and any number of bits that passes says little: a loss several times `most` often shows in none of them.
 */
export function isResolvable(samples: number, most: number): boolean {
  return samples * most >= 2;
}
