import type { AffineBits } from '../codec/codec.ts';
import { type CrossingBits, crossingBits } from './crossing-bits.ts';

/**
 * The fewest bits, from `least` on, that lose at most `most`, by halving the range (COACH, section on offline partition); null where not
 * even 16 do. Yields bits and wants their loss: the model on all calibration samples, so none is asked for twice. `first` is asked for
 * first. Halving takes the loss to fall as bits grow; neighbours below are tried as well, where measurements say otherwise.
 */
export function* searchBits(
  most: number,
  first: CrossingBits = 5,
  least: CrossingBits = 2,
): Generator<CrossingBits, CrossingBits | null, number> {
  const known = new Map<number, boolean>();
  const at = (index: number): CrossingBits => crossingBits[index] ?? 16;
  const fewest = crossingBits.indexOf(least);
  let low = fewest;
  let high: number = crossingBits.length;
  let middle = Math.max(low, crossingBits.indexOf(first));
  while (low < high) {
    const isEnough = (yield at(middle)) <= most;
    known.set(middle, isEnough);
    if (isEnough) high = middle;
    else low = middle + 1;
    middle = (low + high) >> 1;
  }
  if (low === crossingBits.length) return null;
  while (low > fewest && (known.get(low - 1) ?? (yield at(low - 1)) <= most)) low--;
  return at(low);
}

/** `searchBits` of the affine codec alone, where losses are at hand. */
export function minBits(loss: (bits: AffineBits) => number, most: number): AffineBits | null {
  const search = searchBits(most);
  let step = search.next();
  while (!step.done) step = search.next(step.value === 16 ? Number.POSITIVE_INFINITY : loss(step.value));
  return step.value === 16 ? null : step.value;
}
