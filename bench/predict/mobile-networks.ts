import { type InvertedResidual, invertedResiduals, type Stage, stages } from './inverted-residuals.ts';
import { LayerStack } from './layer-stack.ts';

/** Stem, blocks, a last 1×1 convolution and a classifier: what the searched and hand-made mobile networks share. */
function mobile(stem: number, blocks: readonly InvertedResidual[], last: number): LayerStack {
  const stack = new LayerStack([3, 224, 224]).convolution(stem, 3, { stride: 2 });
  invertedResiduals(stack, blocks);
  return stack.convolution(last, 1).globalPool().linear(1000);
}

const repeat = (count: number, block: InvertedResidual): InvertedResidual[] =>
  Array.from({ length: count }, () => block);

/** Howard et al. 2017, table 1. */
const separable: readonly (readonly [number, number])[] = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
];

/** MobileNet's layers up to the last separable convolution; `tap` is called after each. */
export function mobilenetBody(stack: LayerStack, tap: (index: number) => void = () => undefined): LayerStack {
  stack.convolution(32, 3, { stride: 2 });
  for (const [index, [out, stride]] of separable.entries()) {
    stack.depthwise(3, stride).convolution(out, 1);
    tap(index);
  }
  return stack;
}

export const mobilenet = (): LayerStack =>
  mobilenetBody(new LayerStack([3, 224, 224]))
    .globalPool()
    .linear(1000);

/** Sandler et al. 2018, table 2. */
const mobilenetV2Stages: readonly Stage[] = [
  [1, 3, 1, 16, 1, 0],
  [6, 3, 2, 24, 2, 0],
  [6, 3, 2, 32, 3, 0],
  [6, 3, 2, 64, 4, 0],
  [6, 3, 1, 96, 3, 0],
  [6, 3, 2, 160, 3, 0],
  [6, 3, 1, 320, 1, 0],
];

export const mobilenetV2 = (): LayerStack => mobile(32, stages(32, mobilenetV2Stages), 1280);

/** Howard et al. 2019, table 1 (large). */
export function mobilenetV3(): LayerStack {
  const stack = new LayerStack([3, 224, 224]).convolution(16, 3, { stride: 2 });
  invertedResiduals(stack, [
    [3, 16, 16, 1, 0],
    [3, 64, 24, 2, 0],
    [3, 72, 24, 1, 0],
    [5, 72, 40, 2, 24],
    ...repeat(2, [5, 120, 40, 1, 32]),
    [3, 240, 80, 2, 0],
    [3, 200, 80, 1, 0],
    ...repeat(2, [3, 184, 80, 1, 0]),
    [3, 480, 112, 1, 120],
    [3, 672, 112, 1, 168],
    [5, 672, 160, 2, 168],
    ...repeat(2, [5, 960, 160, 1, 240]),
  ]);
  return stack.convolution(960, 1).globalPool().linear(1280).linear(1000);
}

/** Tan et al. 2019, fig. 7 (MnasNet without excitation, "B1"). */
export const mnasnet = (): LayerStack =>
  mobile(
    32,
    stages(32, [
      [1, 3, 1, 16, 1, 0],
      [3, 3, 2, 24, 3, 0],
      [3, 5, 2, 40, 3, 0],
      [6, 5, 2, 80, 3, 0],
      [6, 3, 1, 96, 2, 0],
      [6, 5, 2, 192, 4, 0],
      [6, 3, 1, 320, 1, 0],
    ]),
    1280,
  );

/** Cai et al. 2019, ProxylessNAS for a GPU-less phone, with the widths of the benchmark's own layer list. */
export const proxylessnas = (): LayerStack =>
  mobile(
    32,
    [
      [3, 32, 32, 1, 0],
      [5, 48, 32, 2, 0],
      [3, 96, 32, 1, 0],
      [7, 96, 40, 2, 0],
      [3, 120, 40, 1, 0],
      ...repeat(2, [5, 120, 40, 1, 0]),
      [7, 240, 80, 2, 0],
      ...repeat(3, [5, 240, 80, 1, 0]),
      [5, 480, 96, 1, 0],
      ...repeat(3, [5, 288, 96, 1, 0]),
      [7, 576, 192, 2, 0],
      [7, 1152, 192, 1, 0],
      ...repeat(2, [7, 576, 192, 1, 0]),
      [7, 1152, 320, 1, 0],
    ],
    1280,
  );

/** Tan & Le 2019, table 1. */
export const efficientnetB0 = (): LayerStack =>
  mobile(
    32,
    stages(32, [
      [1, 3, 1, 16, 1, 0.25],
      [6, 3, 2, 24, 2, 0.25],
      [6, 5, 2, 40, 2, 0.25],
      [6, 3, 2, 80, 3, 0.25],
      [6, 5, 1, 112, 3, 0.25],
      [6, 5, 2, 192, 4, 0.25],
      [6, 3, 1, 320, 1, 0.25],
    ]),
    1280,
  );

/** Expansion, stride of the first, output channels, number of blocks. */
const fused = [
  [1, 1, 16, 1],
  [4, 2, 32, 2],
  [4, 2, 48, 2],
] as const;

/** Tan & Le 2021, the B0 of the published code: fused blocks first. */
export function efficientnetV2B0(): LayerStack {
  const stack = new LayerStack([3, 224, 224]).convolution(32, 3, { stride: 2 });
  for (const [expansion, firstStride, out, count] of fused) {
    for (let index = 0; index < count; index++) {
      const [channels] = stack.shape;
      const stride = index === 0 ? firstStride : 1;
      stack.convolution(expansion === 1 ? out : channels * expansion, 3, { stride });
      if (expansion > 1) stack.convolution(out, 1);
      if (stride === 1 && channels === out) stack.sum();
    }
  }
  invertedResiduals(
    stack,
    stages(48, [
      [4, 3, 2, 96, 3, 0.25],
      [6, 3, 1, 112, 5, 0.25],
      [6, 3, 2, 192, 8, 0.25],
    ]),
  );
  return stack.convolution(1280, 1).globalPool().linear(1000);
}

/** Zhang et al. 2018, table 1, 3 groups. */
export function shufflenet(): LayerStack {
  const stack = new LayerStack([3, 224, 224]).convolution(24, 3, { stride: 2 }).pool(3, 2);
  for (const [out, units] of [
    [240, 4],
    [480, 8],
    [960, 4],
  ] as const) {
    for (let unit = 0; unit < units; unit++) {
      const [channels] = stack.shape;
      const groups = channels === 24 ? 1 : 3;
      if (unit === 0) stack.beside(() => stack.pool(3, 2));
      stack.convolution(out / 4, 1, { groups }).move();
      stack.depthwise(3, unit === 0 ? 2 : 1);
      stack.convolution(unit === 0 ? out - channels : out, 1, { groups: 3 });
      if (unit === 0) stack.move([out, stack.shape[1], stack.shape[2]]);
      else stack.sum();
    }
  }
  return stack.globalPool().linear(1000);
}

/** Ma et al. 2018, table 5, width 1. */
export function shufflenetV2(): LayerStack {
  const stack = new LayerStack([3, 224, 224]).convolution(24, 3, { stride: 2 }).pool(3, 2);
  for (const [out, units] of [
    [116, 4],
    [232, 8],
    [464, 4],
  ] as const) {
    const half = out / 2;
    stack.concatenate(
      () => stack.depthwise(3, 2).convolution(half, 1),
      () => stack.convolution(half, 1).depthwise(3, 2).convolution(half, 1),
    );
    stack.move();
    for (let unit = 1; unit < units; unit++) {
      const [, height, width] = stack.shape;
      stack.move([half, height, width]);
      stack.convolution(half, 1).depthwise(3).convolution(half, 1);
      stack.move([out, height, width]).move();
    }
  }
  return stack.convolution(1024, 1).globalPool().linear(1000);
}
