import { type ProcessorText, processorName } from './processor-text.ts';

/** The kernel's flag → the instruction set's usual name and the width of its registers; narrow to wide. */
const sets: readonly (readonly [flag: string, name: string, bits: number])[] = [
  ['sse2', 'sse2', 128],
  ['sse4_1', 'sse4.1', 128],
  ['sse4_2', 'sse4.2', 128],
  ['neon', 'neon', 128],
  ['asimd', 'neon', 128],
  ['asimdhp', 'fp16', 0],
  ['asimddp', 'dotprod', 0],
  ['i8mm', 'i8mm', 0],
  ['bf16', 'bf16', 0],
  ['sve', 'sve', 0],
  ['fma', 'fma', 0],
  ['f16c', 'f16c', 0],
  ['avx', 'avx', 256],
  ['avx2', 'avx2', 256],
  ['avx_vnni', 'avx-vnni', 0],
  ['avx512f', 'avx512f', 512],
  ['avx512bw', 'avx512bw', 0],
  ['avx512vl', 'avx512vl', 0],
  ['avx512_vnni', 'avx512-vnni', 0],
  ['avx512_bf16', 'avx512-bf16', 0],
  ['amx_tile', 'amx', 0],
];

export interface VectorUnits {
  readonly instructionSets: readonly string[];
  readonly simdBits: number | null;
}

/** `scalableBytes`: how long the kernel makes SVE's vectors; null where it does not say. */
export function vectorUnits(text: ProcessorText, scalableBytes: number | null): VectorUnits {
  const flags = new Set((text.get('flags') ?? text.get('Features') ?? '').split(' '));
  const present = sets.filter(([flag]) => flags.has(flag));
  const scalable = flags.has('sve') ? 8 * (scalableBytes ?? 0) : 0;
  const widest = Math.max(scalable, ...present.map(([, , bits]) => bits));
  return {
    instructionSets: [...new Set(present.map(([, name]) => name))],
    simdBits: widest > 0 ? widest : null,
  };
}

/**
 * Fused multiply-add units of one core, each as wide as its widest vectors. From Intel's optimization reference manual (Haswell to Comet
 * Lake: 2 of 256 bits; Ice Lake and Sapphire Rapids servers: 2 of 512), AMD's software optimization guides (families 17h from Zen 2 and
 * 19h: 2 of 256, so that the 512-bit vectors of Zen 4 pass through them in halves) and Arm's for the Neoverse N1 (2 of 128).
 * Null for every other: within one model number Skylake servers have one or two.
 */
export function multiplyAddUnits(text: ProcessorText, simdBits: number | null): number | null {
  const [family, model] = [Number(text.get('cpu family')), Number(text.get('model'))];
  if (processorName(text) === 'Arm Neoverse N1') return 2;
  switch (text.get('vendor_id')) {
    case 'GenuineIntel':
      if (family !== 6) return null;
      return (simdBits === 256 && intelTwoOf256.has(model)) || (simdBits === 512 && intelTwoOf512.has(model))
        ? 2
        : null;
    case 'AuthenticAMD':
      if (family === 23 && model >= 0x30) return simdBits === 256 ? 2 : null;
      if (family === 25) return simdBits === 512 ? 1 : 2;
      return null;
    default:
      return null;
  }
}

const intelTwoOf256 = new Set([60, 61, 63, 69, 70, 71, 78, 79, 86, 94, 142, 158, 165, 166]);
const intelTwoOf512 = new Set([106, 108, 143]);
