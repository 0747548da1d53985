import type { AffineBits } from '../codec/codec.ts';

/** What sending several tensors together costs, for tensors in a fixed order. */
export interface JointCosts {
  /** The share of answers lost when all are sent so: one pass over the calibration samples. */
  loss(bits: readonly AffineBits[]): number;
  /** Of the tensor at a position with these bits. */
  bytes(at: number, bits: AffineBits): number;
}

/**
 * Bits for tensors that cross together: each starts with what it needs alone, and while together they lose more than `most`, the tensor
 * that gains most accuracy a byte gets one bit more. Null where 8 bits everywhere lose too much. COACH's constraint (1) holds each tensor
 * alone; this holds all, because losses add up. O(tensors² × bits) measurements at most.
 */
export function jointBits(
  alone: readonly AffineBits[],
  costs: JointCosts,
  most: number,
): readonly AffineBits[] | null {
  let bits = alone;
  let loss = costs.loss(bits);
  while (!(loss <= most)) {
    let best: { readonly bits: readonly AffineBits[]; readonly loss: number; readonly gain: number } | null =
      null;
    for (const [at, own] of bits.entries()) {
      const more = oneMore(own);
      if (more === null) continue;
      const raised = bits.with(at, more);
      const raisedLoss = costs.loss(raised);
      const gain = (loss - raisedLoss) / Math.max(1, costs.bytes(at, more) - costs.bytes(at, own));
      if (best === null || gain > best.gain) best = { bits: raised, loss: raisedLoss, gain };
    }
    if (best === null) return null;
    bits = best.bits;
    loss = best.loss;
  }
  return bits;
}

const next: Readonly<Record<AffineBits, AffineBits | null>> = {
  2: 3,
  3: 4,
  4: 5,
  5: 6,
  6: 7,
  7: 8,
  8: null,
};

function oneMore(bits: AffineBits): AffineBits | null {
  return next[bits];
}
