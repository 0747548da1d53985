/** Writes the lowest `bits` (1–8) of each code next to each other, the first into the lowest bits; ceil(codes × bits / 8) bytes. */
export function packBits(codes: Uint8Array, bits: number, packed: Uint8Array): void {
  let waiting = 0;
  let count = 0;
  let at = 0;
  for (let index = 0; index < codes.length; index++) {
    waiting |= (codes[index] ?? 0) << count;
    count += bits;
    if (count >= 8) {
      packed[at++] = waiting & 0xff;
      waiting >>>= 8;
      count -= 8;
    }
  }
  if (count > 0) packed[at] = waiting;
}

/** Reads what `packBits` wrote: as many codes as `codes` has room for. */
export function unpackBits(packed: Uint8Array, bits: number, codes: Uint8Array): void {
  const mask = 2 ** bits - 1;
  let waiting = 0;
  let count = 0;
  let at = 0;
  for (let index = 0; index < codes.length; index++) {
    if (count < bits) {
      waiting |= (packed[at++] ?? 0) << count;
      count += 8;
    }
    codes[index] = waiting & mask;
    waiting >>>= bits;
    count -= bits;
  }
}
