/** Seeded randomness, passed in wherever it is needed. The same seed gives the same sequence on every platform. */
export interface Random {
  /** Uniform in [0, 1), 32 random bits. */
  next(): number;
  /** Uniform integer in [0, limit). */
  integer(limit: number): number;
  /** An independent generator named by `label`; does not advance this one. */
  split(label: string): Random;
}

/** sfc32 (Doty-Humphrey's small fast counter generator), seeded through splitmix-style mixing of a 32-bit seed. */
export function createRandom(seed: number): Random {
  let a = mix32(seed ^ 0x9e3779b9);
  let b = mix32(a ^ 0x85ebca6b);
  let c = mix32(b ^ 0xc2b2ae35);
  let counter = 1;
  const nextBits = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let round = 0; round < 12; round++) nextBits();
  const next = (): number => nextBits() / 2 ** 32;
  return {
    next,
    integer: (limit) => Math.floor(next() * limit),
    split: (label) => createRandom(hashText(label, seed)),
  };
}

/** A bijective mix of 32 bits (the finaliser of MurmurHash3). */
export function mix32(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** A 32-bit hash of a text (FNV-1a, mixed), for naming random streams; not cryptographic. */
export function hashText(text: string, seed = 0): number {
  let hash = (0x811c9dc5 ^ seed) | 0;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return mix32(hash);
}
