import type { TensorValue } from './execute/executor.ts';

/** Smaller ones are not worth keeping. */
const leastBytes = 2 ** 16;
const mostBytes = 2 ** 25;

/**
 * Memory of tensors that nobody needs any more, for tensors of the same size to come. A system hands out fresh memory page by page as
 * it is touched, which takes longer than to copy as much: requests of one plan need the same sizes again and again. Holds at most 32 MiB;
 * what was kept longest goes first.
 */
export class SpareBuffers {
  readonly #spare: ArrayBuffer[] = [];
  #heldBytes = 0;

  /** So many bytes, which hold anything. */
  take(length: number): Uint8Array<ArrayBuffer> {
    const place = this.#spare.findLastIndex(({ byteLength }) => byteLength === length);
    const [kept] = place < 0 ? [] : this.#spare.splice(place, 1);
    if (kept === undefined) return new Uint8Array(length);
    this.#heldBytes -= length;
    return new Uint8Array(kept);
  }

  /** The caller has no more use for the buffer, and nobody else has. One that moved to another thread is left to its fate. */
  give({ buffer }: Pick<TensorValue['data'], 'buffer'>): void {
    const { byteLength } = buffer;
    if (byteLength < leastBytes || byteLength > mostBytes || this.#spare.includes(buffer)) return;
    this.#spare.push(buffer);
    this.#heldBytes += byteLength;
    while (this.#heldBytes > mostBytes) this.#heldBytes -= this.#spare.shift()?.byteLength ?? 0;
  }
}
