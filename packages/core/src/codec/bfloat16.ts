/** The bfloat16 nearest to the single of these 32 bits, which is a number, ties to even, as its 16 bits; too large becomes infinity. */
export function bfloat16OfSingle(single: number): number {
  return (single + 0x7fff + ((single >>> 16) & 1)) >>> 16;
}
