import type { AffineBits } from '../codec/codec.ts';
import type { BitsThreshold } from './bits-thresholds.ts';

/** The fewest bits that are enough for a request of this separability; those of the plan where no threshold is reached. */
export function requiredBits(
  separability: number,
  fewerBits: readonly BitsThreshold[],
  offlineBits: AffineBits,
): AffineBits {
  for (const { bits, atLeast } of fewerBits)
    if (bits < offlineBits && separability > 0 && separability >= atLeast) return bits;
  return offlineBits;
}
