import { type CrossingBits, crossingBits } from './crossing-bits.ts';

/** What sending several tensors together costs, for tensors in a fixed order. */
export interface JointCosts {
  /** The share of answers lost when all are sent so: one pass over the calibration samples. */
  loss(bits: readonly CrossingBits[]): number;
  /** Of the tensor at a position with these bits. */
  bytes(at: number, bits: CrossingBits): number;
}

/**
 * Bits for tensors that cross together: each starts with what it needs alone, and while together they lose more than `most`, the tensor
 * that gains most accuracy a byte gets one bit more. Null where 16 bits everywhere lose too much. COACH's constraint (1) holds each tensor
 * alone; this holds all, because losses add up. Yields bits and wants their loss: O(tensors² × bits) measurements at most.
 */
export function* searchJointBits(
  alone: readonly CrossingBits[],
  bytes: JointCosts['bytes'],
  most: number,
): Generator<readonly CrossingBits[], readonly CrossingBits[] | null, number> {
  let bits = alone;
  let loss = yield bits;
  while (!(loss <= most)) {
    let best: {
      readonly bits: readonly CrossingBits[];
      readonly loss: number;
      readonly gain: number;
    } | null = null;
    for (const [at, own] of bits.entries()) {
      const more = crossingBits[crossingBits.indexOf(own) + 1];
      if (more === undefined) continue;
      const raised = bits.with(at, more);
      const raisedLoss = yield raised;
      const gain = (loss - raisedLoss) / Math.max(1, bytes(at, more) - bytes(at, own));
      if (best === null || gain > best.gain) best = { bits: raised, loss: raisedLoss, gain };
    }
    if (best === null) return null;
    bits = best.bits;
    loss = best.loss;
  }
  return bits;
}

/** `searchJointBits` where losses are at hand. */
export function jointBits(
  alone: readonly CrossingBits[],
  costs: JointCosts,
  most: number,
): readonly CrossingBits[] | null {
  const search = searchJointBits(alone, (at, bits) => costs.bytes(at, bits), most);
  let step = search.next();
  while (!step.done) step = search.next(costs.loss(step.value));
  return step.value;
}
