import { type AffineBits, affineBits } from '../codec/codec.ts';

/**
 * The fewest bits of the affine codec that lose at most `most`, by halving the range (COACH, section on offline partition); null where
 * not even 8 do. Halving takes the loss to fall as bits grow; neighbours below are tried as well, where measurements say otherwise.
 * Each number of bits is measured at most once: a measurement runs the model on all calibration samples.
 */
export function minBits(loss: (bits: AffineBits) => number, most: number): AffineBits | null {
  const measured = new Map<number, boolean>();
  const at = (index: number): AffineBits => affineBits[index] ?? 8;
  const isEnough = (index: number): boolean => {
    const known = measured.get(index) ?? loss(at(index)) <= most;
    measured.set(index, known);
    return known;
  };
  let low = 0;
  let high = affineBits.length - 1;
  if (!isEnough(high)) return null;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isEnough(middle)) high = middle;
    else low = middle + 1;
  }
  while (low > 0 && isEnough(low - 1)) low--;
  return at(low);
}
