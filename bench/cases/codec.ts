import {
  type ActivationCoder,
  type AffineBits,
  type Codec,
  codecName,
  createRandom,
  plainCoder,
  simdCoder,
  withLossless,
} from '@tandem/core';
import { brotli } from '@tandem/node';
import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { type NumpyCoder, openNumpyCoder } from '../codec/numpy-coder.ts';
import { type Measured, median, paired, timed } from '../paired.ts';

const shape = [1, 256, 56, 56];
const elements = 256 * 56 * 56;
/** With their copies three times the largest cache of the usual machine: each is read from memory when its turn comes. */
const tensors = 16;

type Affine = Extract<Codec, { kind: 'affine' }>;
const affine = (bits: AffineBits, perChannel = false): Affine => ({ kind: 'affine', bits, perChannel });
/** Those that are also compared with the plain coder and with numpy. */
const central = [affine(8), affine(4)];
const all: readonly Codec[] = [
  ...central,
  affine(6),
  affine(3),
  affine(2),
  affine(4, true),
  { kind: 'fp16' },
  { kind: 'bf16' },
];
const works = ['encode', 'decode'] as const;
type Work = (typeof works)[number];

export const codec: Bench = {
  title:
    'Coding a 256×56×56 activation on one core: WebAssembly against a plain copy, the plain coder and numpy.',
  run: async (context: BenchContext): Promise<BenchResult> => {
    const simd = simdCoder();
    if (simd === null) throw new Error('this Node.js has no WebAssembly vectors');
    const given = activations();
    const cached = given.slice(0, 1);
    const rows = [
      ...(await compared(copyContests(simd, given, 'from memory'), context)),
      ...(await compared(copyContests(simd, cached, 'in cache'), context)),
      ...(await compared(plainContests(simd, given), context)),
      ...(await losslessRows(simd, given, context)),
    ];
    const numpy = await openNumpyCoder(tensors, elements);
    if (numpy === null) return { rows, remarks: [...remarks, withoutNumpy] };
    try {
      rows.push(...(await compared(numpyContests(simd, given, numpy), context)));
    } finally {
      numpy.close();
    }
    return { rows, remarks: [...remarks, withNumpy(numpy.version)] };
  },
};

const remarks = [
  'A tensor is 802,816 float32 values, normal and then rectified, so half are 0; rates count their 3.2 MB, whatever comes out. Encoding copies the values into WebAssembly’s memory, finds ' +
    'the range, quantises, packs and copies the bytes out; decoding copies the bytes in and the values out. Everything but numpy writes into arrays that exist already.',
  `Plain copy: \`set\` of the values. From memory: ${tensors} tensors in turn, which with their copies no cache holds. In cache: the same tensor again and again, which ` +
    'the plain copy finds in the cache both where it reads and where it writes. Target: 0.4 of the plain copy from memory at 8 and 4 bits, and 10 times numpy’s encoder.',
  'Brotli is Node.js’s, at quality 1, on the packed bytes. What it saves depends on the values: rectified normal numbers, independent of each other, are no easy case.',
];

const withoutNumpy =
  'NOT compared with numpy: there is no python3 with numpy here, so the target of 10 times its speed was not looked at.';

const withNumpy = (version: string): string =>
  `numpy ${version} in a Python process of its own, one thread, quantising and packing into 32-bit words as PipeEdge does, with its checks (bench/codec/numpy_coder.py).`;

/** Normal numbers of which a ReLU has kept the positive. */
function activations(): Float32Array[] {
  const random = createRandom(1);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return Array.from({ length: tensors }, () =>
    Float32Array.from({ length: elements }, () => Math.max(0, normal())),
  );
}

interface Contest {
  readonly name: string;
  readonly rival: string;
  readonly first: Measured;
  readonly second: Measured;
  readonly rounds: number;
}

function copyContests(simd: ActivationCoder, given: readonly Float32Array[], state: string): Contest[] {
  const copies = given.map((values) => values.slice());
  const second = everyOne(given, (values, index) => copies[index]?.set(values));
  return all.flatMap((codec) =>
    works.map((work) => ({
      name: `${work} ${codecName(codec)}, ${state}`,
      rival: `plain copy, ${state}`,
      first: coding(simd, work, codec, given),
      second,
      rounds: 41,
    })),
  );
}

function plainContests(simd: ActivationCoder, given: readonly Float32Array[]): Contest[] {
  return central.flatMap((codec) =>
    works.map((work) => ({
      name: `${work} ${codecName(codec)}, beside plain TypeScript`,
      rival: `plain TypeScript, ${work} ${codecName(codec)}`,
      first: coding(simd, work, codec, given),
      second: coding(plainCoder, work, codec, given),
      rounds: 11,
    })),
  );
}

function numpyContests(simd: ActivationCoder, given: readonly Float32Array[], numpy: NumpyCoder): Contest[] {
  return central.flatMap((codec) =>
    works.map((work) => ({
      name: `${work} ${codecName(codec)}, beside numpy`,
      rival: `numpy, ${work} at ${codec.bits} bits`,
      first: coding(simd, work, codec, given),
      second: () => numpy.time(work, codec.bits),
      rounds: 11,
    })),
  );
}

/** Sizes, and the rate of both together. */
async function losslessRows(
  simd: ActivationCoder,
  given: readonly Float32Array[],
  context: BenchContext,
): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  const both = withLossless(simd, brotli);
  for (const codec of central) {
    const name = `${codecName(codec)} and ${brotli.name}`;
    if (!name.includes(context.only)) continue;
    const [packed, compressed] = [simd, both].map((coder) =>
      median(given.map((values) => coder.encode(values, shape, codec).bytes.length)),
    );
    if (packed === undefined || compressed === undefined) continue;
    context.progress(`${name}: ${(compressed / packed).toFixed(3)} of the size`);
    const size = `${codecName(codec)}, size`;
    rows.push({ case: size, value: packed, unit: 'bytes' });
    rows.push({
      case: `${name}, size`,
      value: compressed,
      unit: 'bytes',
      ratioTo: size,
      ratio: compressed / packed,
    });
    for (const work of works) {
      const measured = coding(both, work, codec, given);
      const seconds: number[] = [];
      while (seconds.length < 5) {
        context.signal.throwIfAborted();
        seconds.push(await measured());
      }
      rows.push(rate(`${work} ${name}`, median(seconds)));
    }
  }
  return rows;
}

/** A row for each rival, and after it those measured against it. */
async function compared(contests: readonly Contest[], context: BenchContext): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const { name, rival, first, second, rounds } of contests) {
    if (!name.includes(context.only)) continue;
    const { signal } = context;
    const { firstSeconds, secondSeconds, ratio } = await paired(first, second, { rounds, warmUp: 3, signal });
    context.progress(`${name}: ${ratio.toFixed(2)} of ${rival}`);
    if (!rows.some((row) => row.case === rival)) rows.push(rate(rival, secondSeconds));
    rows.push({ ...rate(name, firstSeconds), ratioTo: rival, ratio });
  }
  return rows;
}

function rate(name: string, seconds: number): BenchRow {
  return { case: name, value: (4 * elements) / seconds / 1e6, unit: 'MB/s' };
}

/** Into arrays that exist already, as the plain copy. */
function coding(coder: ActivationCoder, work: Work, codec: Codec, given: readonly Float32Array[]): Measured {
  const encoded = given.map((values) => coder.encode(values, shape, codec).bytes);
  if (work === 'encode')
    return everyOne(given, (values, index) => {
      const into = encoded[index];
      coder.encode(values, shape, codec, into === undefined ? {} : { into });
    });
  const decoded = given.map(() => new Float32Array(elements));
  return everyOne(encoded, (bytes, index) => {
    const into = decoded[index];
    coder.decode(bytes, shape, codec, into === undefined ? {} : { into });
  });
}

/** Seconds of one action, each of `tensors` taken in turn. */
function everyOne<T>(things: readonly T[], act: (thing: T, index: number) => unknown): Measured {
  const turns = Array.from({ length: tensors }, (_, turn) => turn % things.length);
  return async () => {
    const seconds = await timed(() => {
      for (const index of turns) {
        const thing = things[index];
        if (thing !== undefined) act(thing, index);
      }
    });
    return seconds / tensors;
  };
}
