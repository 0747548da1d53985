import { dequantiseKernel, quantiseKernel } from './grid-kernels.ts';
import { halfKernels } from './half-kernels.ts';
import { packKernel, unpackKernel } from './pack-kernels.ts';
import { quantisePackedKernel } from './quantise-packed-kernel.ts';
import { rangeKernel } from './range-kernel.ts';
import { wasmModule } from './wasm-module.ts';

/** All kernels, as a module of WebAssembly: a few kilobytes, the same in every call. */
export function kernelModule(): Uint8Array<ArrayBuffer> {
  const packed = [2, 3, 4, 5, 6, 7];
  return wasmModule([
    rangeKernel(),
    quantiseKernel(),
    quantisePackedKernel(),
    dequantiseKernel(),
    ...packed.flatMap((bits) => [packKernel(bits), unpackKernel(bits)]),
    ...halfKernels(),
  ]);
}
