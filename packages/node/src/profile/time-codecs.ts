import {
  type ActivationCoder,
  type Codec,
  codecName,
  createRandom,
  fastestCoder,
  quantile,
} from '@tandem/core';
import type { MeasuredCodec } from './measure-messages.ts';

const timedCodecs: readonly Codec[] = [
  { kind: 'raw' },
  { kind: 'fp16' },
  { kind: 'affine', bits: 8, perChannel: false },
  { kind: 'affine', bits: 4, perChannel: false },
];

const warmUps = 5;
const fewestRuns = 5;
const mostRuns = 100;
const enoughSeconds = 0.05;

/** What each codec takes an agent, on the calling thread, for activations of so many elements each: half of them 0, as a ReLU leaves them. */
export function timeCodecs(sizes: readonly number[]): MeasuredCodec[] {
  const coder = fastestCoder();
  return sizes.flatMap((elements) => {
    const random = createRandom(elements);
    const values = Float32Array.from({ length: elements }, () => Math.max(0, random.next() - 0.5));
    return timedCodecs.map((codec) => timeCodec(values, codec, coder));
  });
}

function timeCodec(values: Float32Array, codec: Codec, coder: ActivationCoder): MeasuredCodec {
  const shape = [values.length];
  const { bytes } = coder.encode(values, shape, codec);
  return {
    codec: codecName(codec),
    elements: values.length,
    encodeSeconds: medianSeconds(() => coder.encode(values, shape, codec)),
    decodeSeconds: medianSeconds(() => coder.decode(bytes, shape, codec)),
  };
}

function medianSeconds(act: () => unknown): number {
  for (let run = 0; run < warmUps; run++) act();
  const times: number[] = [];
  for (let sum = 0; times.length < fewestRuns || (sum < enoughSeconds && times.length < mostRuns); ) {
    const startedAt = performance.now();
    act();
    const time = (performance.now() - startedAt) / 1000;
    times.push(time);
    sum += time;
  }
  return quantile(times, 0.5);
}
