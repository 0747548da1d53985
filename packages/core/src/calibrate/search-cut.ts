import { type CrossingBits, crossingBits } from './crossing-bits.ts';
import { searchJointBits } from './joint-bits.ts';
import { searchBits } from './min-bits.ts';

/** How the tensors of a cut cross, in the cut's order; null = raw. */
export type CutBits = readonly (CrossingBits | null)[];

/** A tensor that crosses; null elements = it can only cross raw. */
export interface CrossingTensor {
  readonly elements: number;
  readonly mayBeCoded: boolean;
}

export interface SearchedBits {
  readonly hint?: CutBits;
  /** @default 2 */
  readonly least?: CrossingBits;
}

/**
 * The fewest bits of each tensor of a cut, so that all together lose at most `most`: first what each needs alone, the others raw, then
 * what they need together. Yields ways to cross and wants their loss; a way may be asked for more than once. `hint`, where one is known,
 * is what a few samples say; fewer bits than `least` are not looked at.
 */
export function* searchCut(
  tensors: readonly CrossingTensor[],
  most: number,
  { hint = [], least = 2 }: SearchedBits = {},
): Generator<CutBits, CutBits, number> {
  const raw: CutBits = tensors.map(() => null);
  let bits = raw;
  for (const [at, { mayBeCoded }] of tensors.entries()) {
    if (!mayBeCoded) continue;
    const said = hint[at];
    const search = searchBits(most, said === undefined ? 5 : (said ?? 16), least);
    let step = search.next();
    while (!step.done) step = search.next(yield raw.with(at, step.value));
    bits = bits.with(at, step.value);
  }
  const coded = bits.flatMap((own, at) => (own === null ? [] : [{ at, own }]));
  if (coded.length < 2) return bits;
  const spread = (own: readonly CrossingBits[]): CutBits =>
    coded.reduce<CutBits>((all, { at }, place) => all.with(at, own[place] ?? null), raw);
  const bytes = (place: number, own: CrossingBits): number =>
    ((tensors[coded[place]?.at ?? 0]?.elements ?? 0) * own) / 8;
  const search = searchJointBits(
    coded.map(({ own }) => own),
    bytes,
    most,
  );
  let step = search.next();
  while (!step.done) step = search.next(yield spread(step.value));
  return step.value === null ? raw : spread(step.value);
}

/** '5', '8,16', 'raw,4': the same for the same bits. */
export function cutBitsKey(bits: CutBits): string {
  return bits.map((own) => own ?? 'raw').join(',');
}

/** What `cutBitsKey` made; null for another text. */
export function cutBitsOf(key: string): CutBits | null {
  const parts = key.split(',').map((part) => {
    if (part === 'raw') return null;
    return crossingBits.find((bits) => String(bits) === part);
  });
  const known = parts.filter((part) => part !== undefined);
  return known.length === parts.length ? known : null;
}
