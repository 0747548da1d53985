import { type AffineBits, affineBits } from '../codec/codec.ts';

/**
 * The fewest bits of the affine codec that lose at most `most`, by halving the range (COACH, section on offline partition); null where
 * not even 8 do. Yields bits and wants their loss: the model on all calibration samples, so none is asked for twice. `first` is asked for
 * first. Halving takes the loss to fall as bits grow; neighbours below are tried as well, where measurements say otherwise.
 */
export function* searchBits(
  most: number,
  first: AffineBits = 5,
): Generator<AffineBits, AffineBits | null, number> {
  const known = new Map<number, boolean>();
  const at = (index: number): AffineBits => affineBits[index] ?? 8;
  let low = 0;
  let high: number = affineBits.length;
  let middle = affineBits.indexOf(first);
  while (low < high) {
    const isEnough = (yield at(middle)) <= most;
    known.set(middle, isEnough);
    if (isEnough) high = middle;
    else low = middle + 1;
    middle = (low + high) >> 1;
  }
  if (low === affineBits.length) return null;
  while (low > 0 && (known.get(low - 1) ?? (yield at(low - 1)) <= most)) low--;
  return at(low);
}

/** `searchBits` where losses are at hand. */
export function minBits(loss: (bits: AffineBits) => number, most: number): AffineBits | null {
  const search = searchBits(most);
  let step = search.next();
  while (!step.done) step = search.next(loss(step.value));
  return step.value;
}
