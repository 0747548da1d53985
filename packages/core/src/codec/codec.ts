/**
 * How an activation becomes bytes. raw: float32 as it is. affine: whole numbers of `bits` bits on an even grid over the tensor's range,
 * or over each channel's (axis 1). fp16 and bf16: each element rounded to the nearest, ties to even.
 */
export type Codec = PackedForm & {
  /** What the packed bytes go through where that makes them fewer. @default nothing */
  readonly lossless?: LosslessName;
};

type PackedForm =
  | { readonly kind: 'raw' }
  | { readonly kind: 'affine'; readonly bits: AffineBits; readonly perChannel: boolean }
  | { readonly kind: 'fp16' }
  | { readonly kind: 'bf16' };

/** Compressors that plans can name; who has one passes it in (`LosslessCoder`). */
export type LosslessName = 'brotli';

export const losslessNames: readonly [LosslessName] = ['brotli'];

export type AffineBits = 2 | 3 | 4 | 5 | 6 | 7 | 8;

export const affineBits: readonly AffineBits[] = [2, 3, 4, 5, 6, 7, 8];

/** A short name, different for different codecs: 'raw', 'fp16', 'bf16', 'affine8', 'affine4-channels', 'raw+brotli'. */
export function codecName(codec: Codec): string {
  const packed =
    codec.kind === 'affine' ? `affine${codec.bits}${codec.perChannel ? '-channels' : ''}` : codec.kind;
  return codec.lossless === undefined ? packed : `${packed}+${codec.lossless}`;
}

/** Whether a tensor of any type travels as its own bytes, and no coder touches it. */
export function isBare({
  kind,
  lossless,
}: {
  readonly kind: string;
  readonly lossless?: LosslessName;
}): boolean {
  return kind === 'raw' && lossless === undefined;
}

/** The same without its compressor. */
export function withoutLossless(codec: Codec): Codec {
  const { lossless: _lossless, ...packed } = codec;
  return packed;
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
