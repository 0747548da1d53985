import type { Block } from './planned-blocks.ts';

/** How ONNX Runtime's arena (BFCArena of version 1.30, by its default configuration) deals in memory. */
const grain = 256;
const firstRegionBytes = 2 ** 20;
const mostWasteBytes = 2 ** 27;
/** In a second run of the same shapes the regions of the first are there, and other parts of them may be touched. */
const runs = 2;

/**
 * Bytes of memory that the arena has touched once the blocks were asked for and given back, run after run. It takes regions from the
 * system that double in size and keeps them; a block lies in the smallest free piece that holds it, which is split if it is twice as
 * large. O(blocks²).
 */
export function arenaBytes(blocks: readonly Block[]): number {
  const arena = new Arena();
  for (let run = 0; run < runs; run++) {
    let held: { readonly piece: Piece; readonly last: number }[] = [];
    for (const { bytes, first, last } of blocks) {
      for (const { piece, last: end } of held) if (end < first) arena.give(piece);
      held = held.filter(({ last: end }) => end >= first);
      if (bytes > 0) held.push({ piece: arena.take(bytes), last });
    }
    for (const { piece } of held) arena.give(piece);
  }
  return arena.touchedBytes;
}

/** As much as blocks of these sizes can touch, whatever their order: each of them anew, in every run. */
export function mostArenaBytes(sizes: readonly number[]): number {
  return sizes.reduce((sum, bytes) => sum + runs * rounded(bytes), 0);
}

const rounded = (bytes: number): number => grain * Math.ceil(bytes / grain);

interface Region {
  /** Later ones lie at lower addresses. */
  readonly index: number;
  touchedBytes: number;
}

/** A part of a region, between its neighbours. */
interface Piece {
  readonly region: Region;
  readonly start: number;
  bytes: number;
  isFree: boolean;
  before: Piece | null;
  after: Piece | null;
}

class Arena {
  readonly #regions: Region[] = [];
  readonly #free = new Set<Piece>();
  #regionBytes = firstRegionBytes;

  get touchedBytes(): number {
    return this.#regions.reduce((sum, { touchedBytes }) => sum + touchedBytes, 0);
  }

  take(bytes: number): Piece {
    const wanted = rounded(bytes);
    const piece = this.#smallest(wanted) ?? this.#extend(wanted);
    this.#free.delete(piece);
    piece.isFree = false;
    const rest = piece.bytes - wanted;
    if (rest >= Math.min(wanted, mostWasteBytes)) this.#split(piece, wanted);
    piece.region.touchedBytes = Math.max(piece.region.touchedBytes, piece.start + bytes);
    return piece;
  }

  give(piece: Piece): void {
    const { before, after } = piece;
    if (after?.isFree === true) this.#merge(piece, after);
    const whole = before?.isFree === true ? before : piece;
    if (whole !== piece) this.#merge(whole, piece);
    whole.isFree = true;
    this.#free.add(whole);
  }

  #smallest(wanted: number): Piece | null {
    let best: Piece | null = null;
    for (const piece of this.#free)
      if (piece.bytes >= wanted && (best === null || isBefore(piece, best))) best = piece;
    return best;
  }

  #extend(wanted: number): Piece {
    const grown = this.#regionBytes < wanted;
    while (this.#regionBytes < wanted) this.#regionBytes *= 2;
    const region = { index: this.#regions.length, touchedBytes: 0 };
    this.#regions.push(region);
    const bytes = this.#regionBytes;
    if (!grown) this.#regionBytes *= 2;
    return { region, start: 0, bytes, isFree: true, before: null, after: null };
  }

  #split(piece: Piece, bytes: number): void {
    const { region, start, after } = piece;
    const rest = {
      region,
      start: start + bytes,
      bytes: piece.bytes - bytes,
      isFree: true,
      before: piece,
      after,
    };
    if (after !== null) after.before = rest;
    piece.after = rest;
    piece.bytes = bytes;
    this.#free.add(rest);
  }

  /** `next` lies behind `piece`. */
  #merge(piece: Piece, next: Piece): void {
    piece.bytes += next.bytes;
    piece.after = next.after;
    if (next.after !== null) next.after.before = piece;
    this.#free.delete(next);
  }
}

/** The smaller one, of equal ones that at the lower address. */
function isBefore(one: Piece, other: Piece): boolean {
  if (one.bytes !== other.bytes) return one.bytes < other.bytes;
  const later = one.region.index - other.region.index;
  return later > 0 || (later === 0 && one.start < other.start);
}
