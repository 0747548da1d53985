import { CancelledError, type Codec, plainCoder } from '@tandem/core';
import {
  type ConformanceCase,
  neverAborted,
  requireEqual,
  requireRejection,
  requireThat,
  sameBytes,
} from '../conformance.ts';
import { decodeWith, encodeWith, type TensorCoder } from './tensor-coder.ts';

const signal = neverAborted();
const shape = [1, 3, 5, 7] as const;
const codecs: readonly Codec[] = [
  { kind: 'raw' },
  { kind: 'fp16' },
  { kind: 'bf16' },
  { kind: 'affine', bits: 8, perChannel: false },
  { kind: 'affine', bits: 3, perChannel: true },
];

/** What TensorCoder promises. */
export function coderConformance(create: () => TensorCoder): readonly ConformanceCase[] {
  const on = (name: string, body: (coder: TensorCoder) => Promise<void>): ConformanceCase => ({
    name,
    run: async () => {
      const coder = create();
      try {
        await body(coder);
      } finally {
        await coder.close();
      }
    },
  });
  return [
    on('codes as the plain coder does, and leaves what it encodes alone', codesAlike),
    on('reads tensors that do not start at their buffer', readsViews),
    on('says why a tensor went raw', saysWhy),
    on('compresses by what it has, and refuses what it has not', compresses),
    on('refuses bytes that are no activation', refusesGarbage),
    on('leaves when its signal is aborted', leaves),
    on('keeps calls that overlap apart', keepsApart),
    { name: 'closes unused, and twice', run: () => closesTwice(create()) },
  ];
}

function values(seed: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Float32Array.from({ length: 105 }, (_, at) => Math.sin(at + seed) * 9).buffer);
}

async function codesAlike(coder: TensorCoder): Promise<void> {
  for (const codec of codecs) {
    const [data, form] = [values(1), { shape, codec }];
    const plain = encodeWith(plainCoder, values(1), form);
    const { bytes, rawBecause } = await coder.encode(data, form, signal);
    requireThat(sameBytes(bytes, plain.bytes) && rawBecause === null, `${codec.kind}: other bytes`);
    requireThat(sameBytes(data, values(1)), `${codec.kind}: the tensor was changed or taken away`);
    const expected = decodeWith(plainCoder, plain.bytes, form);
    requireThat(
      sameBytes(await coder.decode(bytes, form, signal), expected),
      `${codec.kind}: decodes otherwise`,
    );
  }
}

async function readsViews(coder: TensorCoder): Promise<void> {
  const form = { shape, codec: { kind: 'fp16' } } as const;
  const shifted = new Uint8Array(421);
  shifted.set(values(2), 1);
  const { bytes } = await coder.encode(shifted.subarray(1), form, signal);
  requireThat(sameBytes(bytes, encodeWith(plainCoder, values(2), form).bytes), 'other bytes');
  const late = new Uint8Array(bytes.length + 3);
  late.set(bytes, 3);
  const decoded = await coder.decode(late.subarray(3), form, signal);
  requireEqual(decoded.length, 420, 'bytes decoded');
}

async function saysWhy(coder: TensorCoder): Promise<void> {
  const data = new Uint8Array(new Float32Array(105).fill(Number.POSITIVE_INFINITY).buffer);
  const { rawBecause } = await coder.encode(data, { shape, codec: { kind: 'bf16' } }, signal);
  requireEqual(rawBecause, 'not finite', 'why');
}

async function compresses(coder: TensorCoder): Promise<void> {
  const sparse = Float32Array.from({ length: 105 }, (_, at) => (at % 50 === 0 ? at : 0));
  for (const codec of codecs) {
    const [plain, form] = [
      { shape, codec },
      { shape, codec: { ...codec, lossless: 'brotli' } as const },
    ];
    const encoded = coder.encode(new Uint8Array(sparse.buffer.slice(0)), form, signal);
    if (!coder.lossless.includes('brotli')) {
      await requireRejection(encoded, ['UnsupportedError']);
      continue;
    }
    const { bytes } = await encoded;
    const whole = encodeWith(plainCoder, new Uint8Array(sparse.buffer.slice(0)), plain).bytes;
    requireThat(bytes.length < whole.length, `${codec.kind}: ${bytes.length} bytes of ${whole.length}`);
    const expected = decodeWith(plainCoder, whole, plain);
    requireThat(
      sameBytes(await coder.decode(bytes, form, signal), expected),
      `${codec.kind}: another tensor`,
    );
  }
}

async function refusesGarbage(coder: TensorCoder): Promise<void> {
  const form = { shape, codec: { kind: 'fp16' } } as const;
  await requireRejection(coder.decode(new Uint8Array(218).fill(9), form, signal), ['ProtocolError']);
  await requireRejection(coder.decode(new Uint8Array(0), form, signal), ['ProtocolError']);
  await codesAlike(coder);
}

async function leaves(coder: TensorCoder): Promise<void> {
  const controller = new AbortController();
  controller.abort(new CancelledError('the suite withdrew it', 'Nothing to do.'));
  const form = { shape, codec: { kind: 'fp16' } } as const;
  await requireRejection(coder.encode(values(1), form, controller.signal), ['CancelledError']);
}

async function keepsApart(coder: TensorCoder): Promise<void> {
  const form = { shape, codec: { kind: 'affine', bits: 4, perChannel: false } } as const;
  const seeds = [1, 2, 3, 4, 5];
  const coded = await Promise.all(seeds.map((seed) => coder.encode(values(seed), form, signal)));
  for (const [index, { bytes }] of coded.entries()) {
    const plain = encodeWith(plainCoder, values(seeds[index] ?? 0), form);
    requireThat(sameBytes(bytes, plain.bytes), `encoding ${index} is another's`);
  }
}

async function closesTwice(coder: TensorCoder): Promise<void> {
  await coder.close();
  await coder.close();
}
