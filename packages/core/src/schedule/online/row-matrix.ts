import { dotKernel } from '../../codec/simd/dot-kernel.ts';
import { elementsATurn } from '../../codec/simd/kernel-writer.ts';
import { wasmModule } from '../../codec/simd/wasm-module.ts';

/** Below this, calls cost more than vectors save. */
const fewestElements = 2 ** 14;

/**
 * Rows of float32 of one length, to be multiplied with a vector. Many of them lie one behind the other in a memory of WebAssembly, where
 * the platform has vectors: their products are sums of float32, of others sums of float64.
 */
export class RowMatrix {
  readonly columns: number;
  /** Where the rows lie now; they may be overwritten, and lie elsewhere after `add`. */
  readonly rows: Float32Array[] = [];
  /** By row, of the last `multiply`. */
  products: Float64Array = new Float64Array(16);
  #memory: VectorMemory | null = null;
  #hasVectors = true;

  constructor(columns: number) {
    this.columns = columns;
  }

  add(row: Float32Array): void {
    this.rows.push(Float32Array.from(row));
    if (this.products.length < this.rows.length) this.products = new Float64Array(2 * this.rows.length);
    if (this.#memory === null && this.#hasVectors && this.rows.length * this.columns >= fewestElements) {
      this.#memory = VectorMemory.open(this.columns);
      this.#hasVectors = this.#memory !== null;
    }
    this.#memory?.hold(this.rows);
  }

  /** O(rows × columns), nothing allocated. */
  multiply(vector: Float32Array): void {
    const { rows, products } = this;
    const memory = this.#memory;
    memory?.load(vector);
    for (let row = 0; row < rows.length; row++) {
      const own = rows[row];
      if (own === undefined) continue;
      const product = memory?.product(row) ?? Number.NaN;
      // What float32 cannot hold, float64 may.
      products[row] = Number.isFinite(product) ? product : dot(own, vector);
    }
  }
}

/** Four sums at once, so that one addition does not wait for the other. */
export function dot(left: Float32Array, right: Float32Array): number {
  const even = left.length - (left.length % 4);
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  for (let at = 0; at < even; at += 4) {
    first += (left[at] ?? 0) * (right[at] ?? 0);
    second += (left[at + 1] ?? 0) * (right[at + 1] ?? 0);
    third += (left[at + 2] ?? 0) * (right[at + 2] ?? 0);
    fourth += (left[at + 3] ?? 0) * (right[at + 3] ?? 0);
  }
  for (let at = even; at < left.length; at++) first += (left[at] ?? 0) * (right[at] ?? 0);
  return first + second + (third + fourth);
}

const pageBytes = 2 ** 16;
const mostPages = 2 ** 16;
/** Four lanes of a product, then the vector. */
const vectorAt = 64;

/** A vector, and rows behind it, each filled up with zeros to whole turns of the kernel. */
class VectorMemory {
  readonly #columns: number;
  readonly #stride: number;
  readonly #memory: WebAssembly.Memory;
  readonly #dot: (...numbers: number[]) => void;
  #lanes: Float32Array;
  #vector: Float32Array;
  #held = 0;

  private constructor(columns: number, module: WebAssembly.Module) {
    this.#columns = columns;
    this.#stride = Math.ceil(columns / elementsATurn) * elementsATurn;
    const initial = this.#pagesFor(0);
    this.#memory = new WebAssembly.Memory({ initial, maximum: mostPages });
    const { dot: kernel } = new WebAssembly.Instance(module, { host: { memory: this.#memory } }).exports;
    if (kernel === undefined) throw new Error('unreachable: no kernel "dot"');
    this.#dot = kernel;
    this.#lanes = this.#values(0, 4);
    this.#vector = this.#values(vectorAt, columns);
  }

  /** Null where the platform has no vectors, or no room for another memory. */
  static open(columns: number): VectorMemory | null {
    try {
      compiled ??= new WebAssembly.Module(wasmModule([dotKernel()]));
      return new VectorMemory(columns, compiled);
    } catch {
      return null;
    }
  }

  /** Moves all rows that lie elsewhere here: `rows` are views of this memory from then on. */
  hold(rows: Float32Array[]): void {
    const isGrown = this.#growTo(rows.length);
    for (let row = isGrown ? 0 : this.#held; row < rows.length; row++) {
      const place = this.#values(this.#addressOf(row), this.#columns);
      // Rows that are here already lie where they were, and only their views are lost.
      if (row >= this.#held) place.set(rows[row] ?? []);
      rows[row] = place;
    }
    this.#held = rows.length;
  }

  load(vector: Float32Array): void {
    this.#vector.set(vector);
  }

  product(row: number): number {
    this.#dot(this.#addressOf(row), vectorAt, this.#stride, 0);
    const lanes = this.#lanes;
    return (lanes[0] ?? 0) + (lanes[1] ?? 0) + ((lanes[2] ?? 0) + (lanes[3] ?? 0));
  }

  /** By half more at a time, since every view of it is lost. */
  #growTo(rows: number): boolean {
    const there = this.#memory.buffer.byteLength / pageBytes;
    if (this.#pagesFor(rows) <= there) return false;
    this.#memory.grow(Math.min(mostPages, this.#pagesFor(Math.ceil(1.5 * rows))) - there);
    this.#lanes = this.#values(0, 4);
    this.#vector = this.#values(vectorAt, this.#columns);
    return true;
  }

  #addressOf(row: number): number {
    return vectorAt + 4 * this.#stride * (row + 1);
  }

  #pagesFor(rows: number): number {
    return Math.ceil(this.#addressOf(rows) / pageBytes);
  }

  #values(address: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, length);
  }
}

let compiled: WebAssembly.Module | undefined;
