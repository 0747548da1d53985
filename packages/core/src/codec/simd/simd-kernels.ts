import type { ActivationKernels, LoadedValues } from '../activation-kernels.ts';
import type { AffineGrid } from '../affine-grid.ts';
import type { AffineBits } from '../codec.ts';
import { plainKernels } from '../plain-kernels.ts';
import { forEachRun, type Runs } from '../runs.ts';
import type { GrowingRange } from '../value-range.ts';
import { KernelMemory, type Stretch } from './kernel-memory.ts';
import { elementsATurn } from './kernel-writer.ts';
import { packedElementsATurn } from './quantise-packed-kernel.ts';

/** Elements done at a time: their values stay in a processor's cache meanwhile. */
const blockElements = 2 ** 16;
/** Up to so many values stay in the memory from the first look at them to the last; more are copied in twice. */
const heldElements = 2 ** 22;
/** Shorter runs cost more in calls than vectors save. */
const shortestRun = 64;

type Kernel = (...numbers: number[]) => void;

/** The kernels of `kernelModule`, run on a memory of their own that grows to 17 MiB at most. */
export class SimdKernels implements ActivationKernels {
  readonly #memory = new KernelMemory(blockElements, heldElements);
  readonly #exports: Readonly<Record<string, Kernel>>;

  constructor(module: WebAssembly.Module) {
    this.#exports = this.#memory.instantiate(module);
  }

  load(values: Float32Array, run: number): LoadedValues {
    if (run < shortestRun) return plainKernels.load(values, run);
    const memory = this.#memory;
    const isHeld = values.length <= heldElements;
    if (isHeld) memory.growTo(values.length);
    const held = (start: number): number => memory.valuesAt + (isHeld ? 4 * start : 0);
    const copied = ({ start, end }: Stretch): number => {
      memory.values(held(start), end - start).set(values.subarray(start, end));
      return held(start);
    };
    const again = (block: Stretch): number => (isHeld ? held(block.start) : copied(block));
    return {
      widen: (ranges) => {
        let numbers = true;
        for (const block of blocksOf(values.length))
          numbers = this.#widen(ranges, values, block, copied(block)) && numbers;
        return numbers;
      },
      quantise: (grids, bits, payload) => {
        for (const block of blocksOf(values.length)) {
          const coded = this.#coded(grids, bits, block, again(block));
          payload.set(coded, (block.start * bits) / 8);
        }
      },
      writeHalves: (kind, payload) => {
        const convert = this.#kernel(kind === 'fp16' ? 'toFp16' : 'toBf16');
        for (const block of blocksOf(values.length)) {
          convert(again(block), turns(block.end - block.start), memory.packedAt);
          payload.set(memory.bytes(memory.packedAt, 2 * (block.end - block.start)), 2 * block.start);
        }
      },
    };
  }

  dequantise(payload: Uint8Array, bits: AffineBits, grids: Runs<AffineGrid>, values: Float32Array): void {
    if (grids.run < shortestRun) return plainKernels.dequantise(payload, bits, grids, values);
    const memory = this.#memory;
    const dequantise = this.#kernel('dequantise');
    const packedAt = bits === 8 ? memory.codesAt : memory.packedAt;
    for (const { start, end } of blocksOf(values.length)) {
      const packed = payload.subarray((start * bits) / 8, Math.ceil((end * bits) / 8));
      memory.bytes(packedAt, packed.length).set(packed);
      if (bits < 8) this.#kernel(`unpack${bits}`)(packedAt, turns(end - start), memory.codesAt);
      forEachRun(start, end, grids, ({ scale, zero }, from, length) => {
        const at = from - start;
        dequantise(memory.codesAt + at, turns(length), memory.valuesAt + 4 * at, scale, zero);
      });
      values.set(memory.values(memory.valuesAt, end - start), start);
    }
  }

  readHalves(payload: Uint8Array, kind: 'fp16' | 'bf16', values: Float32Array): void {
    const memory = this.#memory;
    const convert = this.#kernel(kind === 'fp16' ? 'fromFp16' : 'fromBf16');
    for (const { start, end } of blocksOf(values.length)) {
      memory.bytes(memory.packedAt, 2 * (end - start)).set(payload.subarray(2 * start, 2 * end));
      convert(memory.packedAt, turns(end - start), memory.valuesAt);
      values.set(memory.values(memory.valuesAt, end - start), start);
    }
  }

  /** False when a value of the block, which lies at `address`, is NaN. */
  #widen(
    ranges: Runs<GrowingRange>,
    values: Float32Array,
    { start, end }: Stretch,
    address: number,
  ): boolean {
    const { foundAt, found } = this.#memory;
    const find = this.#kernel('range');
    let numbers = true;
    forEachRun(start, end, ranges, (range, from, length) => {
      const rest = length % elementsATurn;
      find(address + 4 * (from - start), length - rest, foundAt);
      for (let lane = 0; lane < 4; lane++) {
        const [least = 0, greatest = 0] = [found[lane], found[lane + 4]];
        // Where no value is negative, `least` is not either, and changes nothing.
        range.include(least, greatest);
        if (Number.isNaN(least) || Number.isNaN(greatest)) numbers = false;
      }
      if (rest > 0 && !range.widen(values.subarray(from + length - rest, from + length))) numbers = false;
    });
    return numbers;
  }

  /** The bytes of the block, whose values lie at `address`; to be copied before the next call. */
  #coded(grids: Runs<AffineGrid>, bits: AffineBits, block: Stretch, address: number): Uint8Array {
    const length = block.end - block.start;
    const isInWholeTurns = block.end <= grids.run || grids.run % packedElementsATurn === 0;
    if (bits === 4 && length % packedElementsATurn === 0 && isInWholeTurns)
      return this.#codedAndPacked(grids, block, address);
    const { codesAt } = this.#memory;
    const quantise = this.#kernel('quantise');
    forEachRun(block.start, block.end, grids, ({ scale, zero, top }, from, count) => {
      const at = from - block.start;
      quantise(address + 4 * at, turns(count), codesAt + at, scale, -zero, zero, top);
    });
    this.#memory.bytes(codesAt + length, turns(length) - length).fill(0);
    return this.#packed(bits, length);
  }

  /** The same at 4 bits, of runs in whole turns. */
  #codedAndPacked(grids: Runs<AffineGrid>, { start, end }: Stretch, address: number): Uint8Array {
    const { codesAt } = this.#memory;
    const quantise = this.#kernel('quantise4');
    forEachRun(start, end, grids, ({ scale, zero }, from, count) => {
      const at = from - start;
      quantise(address + 4 * at, count, codesAt + at / 2, scale, -zero);
    });
    return this.#memory.bytes(codesAt, (end - start) / 2);
  }

  /** The bytes of so many codes, to be copied before the next call. */
  #packed(bits: AffineBits, length: number): Uint8Array {
    const { codesAt, packedAt } = this.#memory;
    if (bits === 8) return this.#memory.bytes(codesAt, length);
    this.#kernel(`pack${bits}`)(codesAt, turns(length), packedAt);
    return this.#memory.bytes(packedAt, Math.ceil((length * bits) / 8));
  }

  #kernel(name: string): Kernel {
    const kernel = this.#exports[name];
    if (kernel === undefined) throw new Error(`unreachable: no kernel '${name}'`);
    return kernel;
  }
}

function* blocksOf(elements: number): Generator<Stretch> {
  for (let start = 0; start < elements; start += blockElements)
    yield { start, end: Math.min(start + blockElements, elements) };
}

/** Elements in whole turns of a kernel's loop. */
function turns(elements: number): number {
  return Math.ceil(elements / elementsATurn) * elementsATurn;
}
