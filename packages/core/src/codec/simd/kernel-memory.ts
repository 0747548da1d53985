/** Elements from `start` up to `end`. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

const pageBytes = 2 ** 16;
/** Kernels read and write up to a turn's bytes beyond an end. */
const slack = 64;
/**
 * Where most large arrays of Node.js on Linux start within a line of 64 bytes: after their allocator's header. Values start there as well,
 * since copies between ends that differ by 16 bytes in this took 1.1 to 1.5 times as long, depending on the direction.
 */
const arraysStart = 16;

/** The memory of the kernels: what `range` found, then codes and packed codes (or halves) of a block, then values. */
export class KernelMemory {
  readonly foundAt: number = 0;
  readonly codesAt: number = slack;
  readonly packedAt: number;
  readonly valuesAt: number;
  /** Four lanes for the least, four for the greatest: see `rangeKernel`. */
  found: Float32Array = new Float32Array(0);
  readonly #memory: WebAssembly.Memory;

  /** Room for the values of a block at first, and never for more than `mostElements`. */
  constructor(blockElements: number, mostElements: number) {
    this.packedAt = this.codesAt + blockElements + slack;
    this.valuesAt = this.packedAt + 2 * blockElements + slack + arraysStart;
    const initial = this.#pages(blockElements);
    this.#memory = new WebAssembly.Memory({ initial, maximum: this.#pages(mostElements) });
    this.#look();
  }

  /** The module's exports, over this memory. */
  instantiate(module: WebAssembly.Module): WebAssembly.Instance['exports'] {
    return new WebAssembly.Instance(module, { host: { memory: this.#memory } }).exports;
  }

  /** Makes room for so many values; what was got from here before is no longer valid. */
  growTo(elements: number): void {
    const missing = this.#pages(elements) - this.#memory.buffer.byteLength / pageBytes;
    if (missing <= 0) return;
    this.#memory.grow(missing);
    this.#look();
  }

  values(address: number, elements: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, elements);
  }

  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address, length);
  }

  #pages(elements: number): number {
    return Math.ceil((this.valuesAt + 4 * elements + slack) / pageBytes);
  }

  #look(): void {
    this.found = new Float32Array(this.#memory.buffer, this.foundAt, 8);
  }
}
