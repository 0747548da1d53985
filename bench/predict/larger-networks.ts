import { LayerStack } from './layer-stack.ts';
import { mobilenetBody } from './mobile-networks.ts';

/** Krizhevsky et al. 2012, the two-group network of one column of the paper's pictures, as Caffe has it. */
export const alexnet = (): LayerStack =>
  new LayerStack([3, 227, 227])
    .convolution(96, 11, { stride: 4, pad: 0 })
    .move()
    .pool(3, 2)
    .convolution(256, 5, { groups: 2 })
    .move()
    .pool(3, 2)
    .convolution(384, 3)
    .convolution(384, 3, { groups: 2 })
    .convolution(256, 3, { groups: 2 })
    .pool(3, 2)
    .linear(4096)
    .linear(4096)
    .linear(1000);

const fire = (stack: LayerStack, squeezed: number, expanded: number): LayerStack =>
  stack.convolution(squeezed, 1).concatenate(
    () => stack.convolution(expanded, 1),
    () => stack.convolution(expanded, 3),
  );

/** Iandola et al. 2016, release 1.1. */
export function squeezenet(): LayerStack {
  const stack = new LayerStack([3, 227, 227]).convolution(64, 3, { stride: 2, pad: 0 }).pool(3, 2);
  fire(fire(stack, 16, 64), 16, 64).pool(3, 2);
  fire(fire(stack, 32, 128), 32, 128).pool(3, 2);
  fire(fire(stack, 48, 192), 48, 192);
  fire(fire(stack, 64, 256), 64, 256);
  return stack.convolution(1000, 1).globalPool();
}

/** 1×1; 3×3 after its reduction; 5×5 after its reduction; 1×1 after the pool. */
type Inception = readonly [number, number, number, number, number, number];

function inception(stack: LayerStack, [one, reduce3, three, reduce5, five, pooled]: Inception): void {
  stack.concatenate(
    () => stack.convolution(one, 1),
    () => stack.convolution(reduce3, 1).convolution(three, 3),
    () => stack.convolution(reduce5, 1).convolution(five, 5),
    () => stack.pool(3, 1, 1).convolution(pooled, 1),
  );
}

const inceptions: readonly (Inception | 'pool')[] = [
  [64, 96, 128, 16, 32, 32],
  [128, 128, 192, 32, 96, 64],
  'pool',
  [192, 96, 208, 16, 48, 64],
  [160, 112, 224, 24, 64, 64],
  [128, 128, 256, 24, 64, 64],
  [112, 144, 288, 32, 64, 64],
  [256, 160, 320, 32, 128, 128],
  'pool',
  [256, 160, 320, 32, 128, 128],
  [384, 192, 384, 48, 128, 128],
];

/** Szegedy et al. 2015, table 1: 5×5 filters and response normalisation, unlike torchvision's. */
export function googlenet(): LayerStack {
  const stack = new LayerStack([3, 224, 224]).convolution(64, 7, { stride: 2 }).pool(3, 2).move();
  stack.convolution(64, 1).convolution(192, 3).move().pool(3, 2);
  for (const row of inceptions) {
    if (row === 'pool') stack.pool(3, 2);
    else inception(stack, row);
  }
  return stack.globalPool().linear(1000);
}

/** He et al. 2016, table 1, 18 layers. */
export function resnet18(): LayerStack {
  const stack = new LayerStack([3, 224, 224]).convolution(64, 7, { stride: 2 }).pool(3, 2);
  for (const [stage, out] of [64, 128, 256, 512].entries()) {
    for (const stride of [stage === 0 ? 1 : 2, 1]) {
      if (stride === 2) stack.beside(() => stack.convolution(out, 1, { stride }));
      stack.convolution(out, 3, { stride }).convolution(out, 3).sum();
    }
  }
  return stack.globalPool().linear(1000);
}

/** Width and number of the blocks of each stage. */
const regnetStages = [
  [48, 1],
  [104, 3],
  [208, 6],
  [440, 6],
] as const;

/** Radosavovic et al. 2020, RegNetY-400MF: groups of 8 channels, excitation by a quarter of a block's input. */
export function regnetY400(): LayerStack {
  const stack = new LayerStack([3, 224, 224]).convolution(32, 3, { stride: 2 });
  for (const [out, blocks] of regnetStages) {
    for (let block = 0; block < blocks; block++) {
      const [channels] = stack.shape;
      const stride = block === 0 ? 2 : 1;
      if (block === 0) stack.beside(() => stack.convolution(out, 1, { stride }));
      stack.convolution(out, 1).convolution(out, 3, { stride, groups: out / 8 });
      stack
        .excite(Math.round(channels / 4))
        .convolution(out, 1)
        .sum();
    }
  }
  return stack.globalPool().linear(1000);
}

/** Boxes of a place, then scores of 21 classes, as 1×1 convolutions. */
const boxes = (stack: LayerStack, anchors: number): LayerStack =>
  stack.beside(() => stack.convolution(4 * anchors, 1)).beside(() => stack.convolution(21 * anchors, 1));

/** Liu et al. 2016 (SSD) on MobileNet, VOC, 300 × 300: heads on layers 11 and 13 and four extra pairs. */
export function mobilenetSsd(): LayerStack {
  const stack = new LayerStack([3, 300, 300]);
  mobilenetBody(stack, (index) => {
    if (index === 10) boxes(stack, 3);
  });
  boxes(stack, 6);
  for (const [narrow, wide] of [
    [256, 512],
    [128, 256],
    [128, 256],
    [64, 128],
  ] as const)
    boxes(stack.convolution(narrow, 1).convolution(wide, 3, { stride: 2 }), 6);
  return stack;
}

/** Wang et al. 2021 (Scaled-YOLOv4), the published yolov4-tiny at 416 × 416, 80 classes. */
export function yolov4Tiny(): LayerStack {
  const stack = new LayerStack([3, 416, 416])
    .convolution(32, 3, { stride: 2 })
    .convolution(64, 3, { stride: 2 });
  for (const channels of [64, 128, 256]) {
    const half = channels / 2;
    stack.convolution(channels, 3);
    const [, height, width] = stack.shape;
    stack
      .move([half, height, width])
      .convolution(half, 3)
      .convolution(half, 3)
      .move([channels, height, width]);
    stack
      .convolution(channels, 1)
      .move([2 * channels, height, width])
      .pool(2, 2);
  }
  stack.convolution(512, 3).convolution(256, 1);
  stack.beside(() => stack.convolution(512, 3).convolution(255, 1));
  return stack
    .convolution(128, 1)
    .move([128, 26, 26])
    .move([384, 26, 26])
    .convolution(256, 3)
    .convolution(255, 1);
}
