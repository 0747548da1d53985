import { type ActivationCoder, plainCoder } from './activation-coder.ts';
import { decodeActivation } from './decode-activation.ts';
import { encodeActivation } from './encode-activation.ts';
import { kernelModule } from './simd/kernel-module.ts';
import { SimdKernels } from './simd/simd-kernels.ts';

/**
 * A coder whose loops run as WebAssembly with vectors of 128 bits, on a memory of its own that grows to 17 MiB at most. Null where the
 * platform has no such vectors, or does not let a page compile any WebAssembly. Make one for each thread and keep it.
 */
export function simdCoder(): ActivationCoder | null {
  const module = compiled(kernelModule());
  if (module === null) return null;
  const kernels = new SimdKernels(module);
  return {
    name: 'simd',
    encode: (values, shape, codec, options) => encodeActivation(values, shape, codec, options, kernels),
    decode: (encoded, shape, codec, options) => decodeActivation(encoded, shape, codec, options, kernels),
  };
}

function compiled(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module | null {
  try {
    return new WebAssembly.Module(bytes);
  } catch {
    // No vectors, no WebAssembly at all, or a page's security policy: the plain coder does the same everywhere.
    return null;
  }
}

/** The fastest coder that the platform has: what agents code with, and what profiles time. */
export function fastestCoder(): ActivationCoder {
  return simdCoder() ?? plainCoder;
}
