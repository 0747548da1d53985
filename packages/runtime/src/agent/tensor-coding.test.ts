import type { Codec } from '@tandem/core';
import { expect, it, vi } from 'vitest';
import { neverAborted } from '../conformance.ts';
import { inlineCoder, type TensorCoder } from '../execute/tensor-coder.ts';
import { SpareBuffers } from '../spare-buffers.ts';
import { TensorCoding } from './tensor-coding.ts';

const options = { signal: neverAborted(), note: () => undefined };
const elements = 40_000;

/** Devices b and c take fp16, d takes bf16. */
function codingHere() {
  const counted = { encoded: 0 };
  const inner = inlineCoder();
  const coder: TensorCoder = {
    ...inner,
    encode: (...given) => {
      counted.encoded++;
      return inner.encode(...given);
    },
  };
  const codec = (_version: number, _tensor: string, _from: unknown, to: unknown): Codec => ({
    kind: to === 'd' ? 'bf16' : 'fp16',
  });
  const spare = new SpareBuffers();
  return {
    counted,
    spare,
    coding: new TensorCoding({ device: 'a', coder, plans: { codec, allowed: (planned) => planned }, spare }),
  };
}

const tensor = (fill: number) =>
  ({
    name: 'x',
    type: 'float32',
    shape: [elements],
    data: new Uint8Array(new Float32Array(elements).fill(fill).buffer),
  }) as const;

it('encodes a tensor once for all that take it in the same form', async () => {
  const { coding, counted } = codingHere();
  const value = tensor(1);
  const note = vi.fn<(kind: string) => void>();
  const [b, c, d] = await Promise.all(
    ['b', 'c', 'd'].map((to) => coding.encode({ version: 1, to, bits: null }, value, { ...options, note })),
  );
  expect([b?.codec.kind, c?.codec.kind, d?.codec.kind]).toEqual(['fp16', 'fp16', 'bf16']);
  expect(c?.body).toBe(b?.body);
  expect(counted.encoded).toBe(2);
  expect(note.mock.calls.flat().toSorted()).toEqual([
    'encode-end',
    'encode-end',
    'encode-start',
    'encode-start',
  ]);
  await coding.encode({ version: 1, to: 'b', bits: null }, tensor(2), options);
  expect(counted.encoded).toBe(3);
});

it('gives what a tensor was coded as back once it has left', async () => {
  const { coding, spare } = codingHere();
  const value = tensor(1);
  const { body } = await coding.encode({ version: 1, to: 'b', bits: null }, value, options);
  await coding.left(value);
  expect(spare.take(body.length).buffer).toBe(body.buffer);
});
