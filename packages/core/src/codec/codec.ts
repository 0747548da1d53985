/**
 * How an activation becomes bytes. raw: float32 as it is. affine: whole numbers of `bits` bits on an even grid over the tensor's range,
 * or over each channel's (axis 1). fp16 and bf16: each element rounded to the nearest, ties to even.
 */
export type Codec =
  | { readonly kind: 'raw' }
  | { readonly kind: 'affine'; readonly bits: AffineBits; readonly perChannel: boolean }
  | { readonly kind: 'fp16' }
  | { readonly kind: 'bf16' };

export type AffineBits = 2 | 3 | 4 | 5 | 6 | 7 | 8;

export const affineBits: readonly AffineBits[] = [2, 3, 4, 5, 6, 7, 8];

/** A short name, different for different codecs: 'raw', 'fp16', 'bf16', 'affine8', 'affine4-channels'. */
export function codecName(codec: Codec): string {
  return codec.kind === 'affine' ? `affine${codec.bits}${codec.perChannel ? '-channels' : ''}` : codec.kind;
}

/** Bits of one element in the payload. */
export function bitsOf(codec: Codec): number {
  switch (codec.kind) {
    case 'raw':
      return 32;
    case 'affine':
      return codec.bits;
    case 'fp16':
    case 'bf16':
      return 16;
  }
}
