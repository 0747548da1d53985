import type { Random } from '@tandem/core';
import type { LittleModel, Step } from './little-model.ts';
import { between, channelCount, pick } from './sampled-kernels.ts';

type Draw = (random: Random) => LittleModel;

const conv = (
  out: number,
  kernel: number,
  more: { stride?: number; groups?: number; from?: number[] } = {},
): Step => {
  const { stride = 1, groups = 1, from } = more;
  return {
    op: 'Conv',
    out,
    kernel: [kernel, kernel],
    stride,
    groups,
    ...(from === undefined ? {} : { from }),
  };
};

const kinds: readonly Draw[] = [inverted, bottleneck, plain, perceptron, fire, attention, basic, encoder];

/**
 * Short runs of layers such as networks are made of, with random sizes: what layers cost beside each other, where layouts are kept and
 * operators are fused, without any network's own shapes.
 */
export function sampledBlocks(random: Random, count: number): LittleModel[] {
  return Array.from({ length: count }, (_, index) => {
    for (;;) {
      const block = (kinds[index % kinds.length] ?? plain)(random);
      if (work(block) < 1.2e9) return block;
    }
  });
}

/** A bound on multiply-adds, coarse. */
function work({ inputs, steps }: LittleModel): number {
  let [, channels = 1, side = 1, width = 1] = inputs[0] ?? [];
  if (inputs[0]?.length === 3) return 8 * channels * side * side;
  if (steps[0]?.op === 'MatMul') return 0;
  let sum = 0;
  for (const step of steps) {
    if (step.op !== 'Conv') continue;
    side /= step.stride;
    width /= step.stride;
    sum += (2 * step.out * channels * step.kernel[0] * step.kernel[1] * side * width) / step.groups;
    channels = step.out;
  }
  return sum;
}

function inverted(random: Random): LittleModel {
  const channels = channelCount(random, 16, 192);
  const wide = channels * pick(random, [2, 3, 4, 6]);
  const side = between(random, 7, 64);
  const stride = pick(random, [1, 1, 2]);
  const kernel = pick(random, [3, 3, 5]);
  const act: Step = { op: pick(random, ['Clip', 'Relu'] as const) };
  const steps: Step[] = [conv(wide, 1), act, conv(wide, kernel, { stride, groups: wide }), act];
  const out = stride === 1 ? channels : channelCount(random, 16, 320);
  const residual: Step[] = stride === 1 ? [{ op: 'Add', from: [5, 0] }] : [];
  return { inputs: [[1, channels, side, side]], steps: [...steps, conv(out, 1), ...residual] };
}

function bottleneck(random: Random): LittleModel {
  const narrow = channelCount(random, 24, 384);
  const channels = narrow * pick(random, [1, 2, 4]);
  const side = between(random, 7, 56);
  const groups = narrow % 8 === 0 ? pick(random, [1, 1, narrow / 8]) : 1;
  return {
    inputs: [[1, channels, side, side]],
    steps: [
      conv(narrow, 1),
      { op: 'Relu' },
      conv(narrow, 3, { groups }),
      { op: 'Relu' },
      conv(channels, 1),
      { op: 'Add', from: [5, 0] },
      { op: 'Relu' },
    ],
  };
}

function basic(random: Random): LittleModel {
  const channels = channelCount(random, 16, 320);
  const side = between(random, 6, 64);
  return {
    inputs: [[1, channels, side, side]],
    steps: [
      conv(channels, 3),
      { op: 'Relu' },
      conv(channels, 3),
      { op: 'Add', from: [3, 0] },
      { op: 'Relu' },
    ],
  };
}

function plain(random: Random): LittleModel {
  const side = between(random, 8, 128);
  const layers = 1 + random.integer(4);
  const steps: Step[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const kernel = pick(random, [1, 3, 3, 3, 5]);
    steps.push(conv(channelCount(random, 8, 384), kernel), { op: 'Relu' });
  }
  if (random.next() < 0.5) steps.push({ op: 'MaxPool', kernel: pick(random, [2, 3]), stride: 2 });
  return { inputs: [[1, channelCount(random, 3, 256), side, side]], steps };
}

/** Branches that a concatenation joins. */
function fire(random: Random): LittleModel {
  const side = between(random, 7, 64);
  const narrow = channelCount(random, 16, 128);
  const steps: Step[] = [conv(narrow, 1), { op: 'Relu' }];
  steps.push(conv(channelCount(random, 16, 256), 1, { from: [2] }), { op: 'Relu' });
  steps.push(conv(channelCount(random, 16, 256), 3, { from: [2] }), { op: 'Relu' });
  const joined = [4, 6];
  if (random.next() < 0.5) {
    steps.push(
      { op: 'AveragePool', kernel: 3, stride: 1, from: [2] },
      conv(channelCount(random, 16, 128), 1),
    );
    joined.push(8);
  }
  steps.push({ op: 'Concat', from: joined }, conv(channelCount(random, 16, 128), 1), { op: 'Relu' });
  return { inputs: [[1, channelCount(random, 32, 512), side, side]], steps };
}

function perceptron(random: Random): LittleModel {
  const width = channelCount(random, 64, 768);
  const tokens = between(random, 16, 400);
  const hidden = width * pick(random, [2, 3, 4]);
  return {
    inputs: [[1, tokens, width]],
    steps: [
      { op: 'LayerNormalization' },
      { op: 'Dense', out: hidden },
      { op: 'Gelu' },
      { op: 'Dense', out: width },
      { op: 'Add', from: [4, 0] },
    ],
  };
}

/** Scores, their softmax and the mixed values of several heads, then the heads side by side. */
function attention(random: Random): LittleModel {
  const [heads, tokens, width] = [
    between(random, 2, 16),
    between(random, 16, 320),
    pick(random, [32, 64, 64, 80]),
  ];
  return {
    inputs: [
      [1, heads, tokens, width],
      [1, heads, width, tokens],
      [1, heads, tokens, width],
    ],
    steps: [
      { op: 'MatMul', from: [0, 1] },
      { op: 'Softmax' },
      { op: 'MatMul', from: [4, 2] },
      { op: 'Permute', order: [0, 2, 1, 3] },
    ],
  };
}

/** Normalised projections one after another with a sum, as around attention. */
function encoder(random: Random): LittleModel {
  const width = channelCount(random, 64, 768);
  const steps: Step[] = [
    { op: 'LayerNormalization' },
    { op: 'Dense', out: 3 * width },
    { op: 'Dense', out: width },
    { op: 'Add', from: [3, 0] },
  ];
  const twice: Step[] = steps.map((step) => (step.op === 'Add' ? { op: 'Add', from: [7, 4] } : step));
  return {
    inputs: [[1, between(random, 16, 320), width]],
    steps: random.next() < 0.5 ? steps : [...steps, ...twice],
  };
}
