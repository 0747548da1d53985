const bits = new DataView(new ArrayBuffer(4));

/** The IEEE 754 half nearest to `value`, ties to even, as its 16 bits; too large becomes infinity. */
export function toFloat16(value: number): number {
  bits.setFloat32(0, value);
  return float16OfSingle(bits.getUint32(0));
}

/** The same of the 32 bits of a single. */
export function float16OfSingle(single: number): number {
  const sign = (single >>> 16) & 0x8000;
  const exponent = ((single >>> 23) & 0xff) - 112;
  const fraction = single & 0x7fffff;
  if (exponent >= 143) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  if (exponent >= 31) return sign | 0x7c00;
  if (exponent >= 1) return sign | rounded((exponent << 23) | fraction, 13);
  return exponent < -10 ? sign : sign | rounded(fraction | 0x800000, 14 - exponent);
}

/** `value` without its lowest `count` bits, rounded to the nearest, ties to even. A carry into the exponent is the right result. */
function rounded(value: number, count: number): number {
  const kept = value >>> count;
  const dropped = value & ((1 << count) - 1);
  const half = 1 << (count - 1);
  return dropped > half || (dropped === half && (kept & 1) === 1) ? kept + 1 : kept;
}

/** IEEE 754 binary16 bits as a number. */
export function halfToNumber(half: number): number {
  const sign = (half & 0x8000) === 0 ? 1 : -1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
