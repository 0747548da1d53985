import type { Random } from '@tandem/core';
import { type LittleModel, type PlainOperator, type Step } from './little-model.ts';

/** Draws a kernel, or null where the draw is out of bounds and has to be repeated. */
type Draw = (random: Random) => LittleModel | null;

/** How many of each are drawn at full size. */
const kinds: readonly (readonly [number, Draw])[] = [
  [190, (random) => convolution(random, pick(random, denseKernels))],
  [80, depthwise],
  [25, grouped],
  [35, gemm],
  [45, dense],
  [30, attention],
  [35, pool],
  [60, elementwise],
  [45, rowwise],
];

const denseKernels: readonly (readonly [number, number])[] = [
  [1, 1],
  [1, 1],
  [1, 1],
  [3, 3],
  [3, 3],
  [3, 3],
  [5, 5],
  [7, 7],
  [1, 7],
  [3, 1],
];

/** Kernels over the shapes that networks have, sizes log-uniform; `share` of the full number. */
export function sampledKernels(random: Random, share: number): LittleModel[] {
  return kinds.flatMap(([count, draw]) =>
    Array.from({ length: Math.max(1, Math.round(count * share)) }, () => drawn(random, draw)),
  );
}

function drawn(random: Random, draw: Draw): LittleModel {
  for (;;) {
    const model = draw(random);
    if (model !== null) return model;
  }
}

export const pick = <Value>(random: Random, values: readonly Value[]): Value => {
  const value = values[random.integer(values.length)];
  if (value === undefined) throw new Error('there is nothing to pick from');
  return value;
};

export const between = (random: Random, low: number, high: number): number =>
  Math.round(low * (high / low) ** random.next());

/** Most networks have multiples of 8, some any number. */
export function channelCount(random: Random, low: number, high: number): number {
  const value = between(random, low, high);
  return random.next() < 0.75 && value > 8 ? 8 * Math.round(value / 8) : value;
}

const activation = (random: Random): Step[] => {
  const drawnShare = random.next();
  return drawnShare < 0.5 ? [{ op: 'Relu' }] : drawnShare < 0.75 ? [{ op: 'Clip' }] : [];
};

/** Operations and elements that keep a kernel between about 0.05 and 30 ms on one core of today. */
const flopBounds: readonly [number, number] = [5e5, 1.5e9];
const elementBounds: readonly [number, number] = [1e4, 2e6];
const mostWeightBytes = 2 ** 26;

const within = (value: number, [low, high]: readonly [number, number]): boolean =>
  value >= low && value <= high;

function convolution(random: Random, kernel: readonly [number, number]): LittleModel | null {
  const image = random.next() < 0.06;
  const channels = image ? 3 : channelCount(random, 8, 1024);
  const out = channelCount(random, 8, 1024);
  const side = image ? between(random, 96, 256) : between(random, 5, 128);
  const stride = random.next() < 0.25 ? 2 : 1;
  return bounded([1, channels, side, side], { op: 'Conv', out, kernel, stride, groups: 1 }, random);
}

function depthwise(random: Random): LittleModel | null {
  const channels = channelCount(random, 16, 1280);
  const side = between(random, 5, 128);
  const kernel = pick(random, [3, 3, 3, 5, 5, 7]);
  const stride = random.next() < 0.3 ? 2 : 1;
  const step = { op: 'Conv', out: channels, kernel: [kernel, kernel], stride, groups: channels } as const;
  return bounded([1, channels, side, side], step, random);
}

function grouped(random: Random): LittleModel | null {
  const groups = between(random, 2, 32);
  const channels = groups * 4 * between(random, 1, 16);
  const side = between(random, 5, 80);
  const kernel = pick(random, [1, 3, 3, 3]);
  const stride = random.next() < 0.25 ? 2 : 1;
  const step = { op: 'Conv', out: channels, kernel: [kernel, kernel], stride, groups } as const;
  return bounded([1, channels, side, side], step, random);
}

/** A convolution with an activation, within the bounds of size. */
function bounded(shape: readonly number[], step: Step & { op: 'Conv' }, random: Random): LittleModel | null {
  const [, channels = 1, height = 1, width = 1] = shape;
  const weights = (step.out * channels * step.kernel[0] * step.kernel[1]) / step.groups;
  const flops = (2 * weights * height * width) / step.stride ** 2;
  const elements = Math.max(channels, step.out / step.stride ** 2) * height * width;
  if (!within(flops, flopBounds) || elements > elementBounds[1] || 4 * weights > mostWeightBytes) return null;
  return { inputs: [shape], steps: [step, ...activation(random)] };
}

function gemm(random: Random): LittleModel | null {
  const [inner, out] = [channelCount(random, 64, 9216), channelCount(random, 10, 4096)];
  const rows = random.next() < 0.7 ? 1 : between(random, 2, 64);
  return 2 * rows * inner * out < flopBounds[1] && 4 * inner * out <= mostWeightBytes
    ? {
        inputs: [[rows, inner]],
        steps: [{ op: 'Gemm', out }, ...(random.next() < 0.4 ? activation(random) : [])],
      }
    : null;
}

function dense(random: Random): LittleModel | null {
  const [inner, out] = [channelCount(random, 48, 3072), channelCount(random, 48, 3072)];
  const tokens = between(random, 16, 600);
  return within(2 * tokens * inner * out, flopBounds)
    ? { inputs: [[1, tokens, inner]], steps: [{ op: 'Dense', out }] }
    : null;
}

/** Queries by keys, or weights by values. */
function attention(random: Random): LittleModel | null {
  const heads = between(random, 2, 16);
  const tokens = between(random, 16, 600);
  const width = pick(random, [16, 32, 32, 64, 64, 64, 80, 96, 128]);
  const scores = random.next() < 0.5;
  const left = [1, heads, tokens, scores ? width : tokens];
  const right = scores ? [1, heads, width, tokens] : [1, heads, tokens, width];
  return within(2 * heads * tokens * tokens * width, flopBounds) && heads * tokens * tokens < elementBounds[1]
    ? { inputs: [left, right], steps: [{ op: 'MatMul', from: [0, 1] }] }
    : null;
}

const map = (random: Random): readonly number[] => {
  const side = between(random, 5, 128);
  return [1, channelCount(random, 8, 1024), side, side];
};

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, dim) => product * dim, 1);

function pool(random: Random): LittleModel | null {
  const shape = map(random);
  if (!within(sizeOf(shape), elementBounds)) return null;
  const op = pick(random, ['MaxPool', 'MaxPool', 'AveragePool', 'GlobalAveragePool'] as const);
  if (op === 'GlobalAveragePool') return { inputs: [shape], steps: [{ op }] };
  return {
    inputs: [shape],
    steps: [{ op, kernel: pick(random, [2, 3, 3]), stride: pick(random, [1, 2, 2]) }],
  };
}

function elementwise(random: Random): LittleModel | null {
  const shape = map(random);
  if (!within(sizeOf(shape), elementBounds)) return null;
  const op: PlainOperator = pick(random, [
    'Add',
    'Add',
    'Mul',
    'Concat',
    'Concat',
    'Relu',
    'Clip',
    'Sigmoid',
    'HardSwish',
  ]);
  const two = op === 'Add' || op === 'Mul' || op === 'Concat';
  return two
    ? { inputs: [shape, shape], steps: [{ op, from: [0, 1] }] }
    : { inputs: [shape], steps: [{ op }] };
}

function rowwise(random: Random): LittleModel | null {
  const op = pick(random, [
    'Softmax',
    'LayerNormalization',
    'LayerNormalization',
    'Gelu',
    'Permute',
  ] as const);
  const tokens = between(random, 16, 600);
  if (op === 'Permute') {
    const shape = [1, tokens, between(random, 2, 16), pick(random, [32, 64, 64, 80])];
    return within(sizeOf(shape), elementBounds)
      ? { inputs: [shape], steps: [{ op, order: [0, 2, 1, 3] }] }
      : null;
  }
  const shape =
    op === 'Softmax'
      ? [1, between(random, 2, 16), tokens, tokens]
      : [1, tokens, channelCount(random, 64, 3072)];
  return within(sizeOf(shape), elementBounds) ? { inputs: [shape], steps: [{ op }] } : null;
}
