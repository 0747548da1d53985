import { type AffineBits, affineBits } from '../../codec/codec.ts';

/**
 * The fewest bits of the affine codec that lose at most `most`, by halving the range (COACH, section on offline partition); null where
 * not even 8 do. Halving takes the loss to fall as bits grow; neighbours below are tried as well, where measurements say otherwise.
 */
export function minBits(loss: (bits: AffineBits) => number, most: number): AffineBits | null {
  const at = (index: number): AffineBits => affineBits[index] ?? 8;
  let low = 0;
  let high = affineBits.length - 1;
  if (loss(at(high)) > most) return null;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (loss(at(middle)) <= most) high = middle;
    else low = middle + 1;
  }
  while (low > 0 && loss(at(low - 1)) <= most) low--;
  return at(low);
}
