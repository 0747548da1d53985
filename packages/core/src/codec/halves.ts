import { bfloat16OfSingle } from './bfloat16.ts';
import { float16OfSingle, halfToNumber } from './float16.ts';

/** From this magnitude on, the nearest 16-bit number is infinity: half a step beyond the largest. */
export const firstInfinite: { readonly fp16: number; readonly bf16: number } = {
  fp16: 65520,
  bf16: (2 - 2 ** -8) * 2 ** 127,
};

/** Each value rounded to 16 bits, little-endian, into `payload`. */
export function writeHalves(values: Float32Array, kind: 'fp16' | 'bf16', payload: Uint8Array): void {
  const singles = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  if (kind === 'fp16')
    for (let index = 0; index < singles.length; index++)
      view.setUint16(2 * index, float16OfSingle(singles[index] ?? 0), true);
  else
    for (let index = 0; index < singles.length; index++)
      view.setUint16(2 * index, bfloat16OfSingle(singles[index] ?? 0), true);
}

/** Bits of fp16 magnitudes, and what turns a normal one's exponent, shifted into place, into a single's: 127 − 15. */
const leastNormal = 0x0400;
const infinite = 0x7c00;
const exponentShift = 112 << 23;

/** The values that `writeHalves` wrote. */
export function readHalves(payload: Uint8Array, kind: 'fp16' | 'bf16', values: Float32Array): void {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const singles = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let index = 0; index < values.length; index++) {
    const half = view.getUint16(2 * index, true);
    const magnitude = half & 0x7fff;
    if (kind === 'bf16') singles[index] = half << 16;
    else if (magnitude >= leastNormal && magnitude < infinite)
      singles[index] = ((half & 0x8000) << 16) | ((magnitude << 13) + exponentShift);
    else values[index] = halfToNumber(half);
  }
}
