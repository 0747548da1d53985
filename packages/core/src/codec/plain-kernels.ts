import type { ActivationKernels, LoadedValues } from './activation-kernels.ts';
import { dequantise, quantise } from './affine-grid.ts';
import { readHalves, writeHalves } from './halves.ts';
import { packBits, unpackBits } from './pack-bits.ts';
import { forEachRun } from './runs.ts';

/** Plain TypeScript, which other kernels are held to byte for byte. */
export const plainKernels: ActivationKernels = {
  load: loadedValues,
  dequantise: (payload, bits, grids, values) => {
    const codes = bits === 8 ? payload : new Uint8Array(values.length);
    if (bits < 8) unpackBits(payload, bits, codes);
    forEachRun(0, values.length, grids, (grid, from, length) => {
      dequantise(codes, from, grid, values.subarray(from, from + length));
    });
  },
  readHalves,
};

function loadedValues(values: Float32Array): LoadedValues {
  return {
    widen: (ranges) => {
      let numbers = true;
      forEachRun(0, values.length, ranges, (range, from, length) => {
        numbers = range.widen(values.subarray(from, from + length)) && numbers;
      });
      return numbers;
    },
    quantise: (grids, bits, payload) => {
      const codes = bits === 8 ? payload : new Uint8Array(values.length);
      forEachRun(0, values.length, grids, (grid, from, length) => {
        quantise(values.subarray(from, from + length), grid, codes, from);
      });
      if (bits < 8) packBits(codes, bits, payload);
    },
    writeHalves: (kind, payload) => writeHalves(values, kind, payload),
  };
}
