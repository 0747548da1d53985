import type { ModelProto } from '../onnx/model.ts';
import { NetworkBuilder, type NetworkSettings } from './network-builder.ts';

/** Blocks in each of the four stages. */
type Depths = readonly [number, number, number, number];

export function resnet50(settings: NetworkSettings): ModelProto {
  return bottleneckResnet('resnet-50', [3, 4, 6, 3], settings);
}

export function resnet101(settings: NetworkSettings): ModelProto {
  return bottleneckResnet('resnet-101', [3, 4, 23, 3], settings);
}

/**
 * ResNet with bottleneck blocks as in torchvision ("v1.5"): He et al. 2016, "Deep residual learning for image recognition", table 1,
 * with the stride in the 3 × 3 convolution instead of the first 1 × 1.
 */
function bottleneckResnet(name: string, depths: Depths, settings: NetworkSettings): ModelProto {
  const network = new NetworkBuilder(name, settings);
  let x = network.convolution('conv1', network.image(), { in: 3, out: 64, kernel: 7, stride: 2, pad: 3 });
  x = network.relu('relu1', network.batchNormalization('bn1', x, 64));
  x = network.maxPool('maxpool', x, { kernel: 3, stride: 2, pad: 1 });
  let channels = 64;
  for (const [stage, blocks] of depths.entries()) {
    const width = 64 * 2 ** stage;
    for (let index = 0; index < blocks; index++) {
      const stride = stage > 0 && index === 0 ? 2 : 1;
      x = bottleneck(network, x, {
        name: `layer${stage + 1}/block${index}`,
        in: channels,
        width,
        stride,
        branchScale: 1 / Math.sqrt(blocks),
      });
      channels = width * 4;
    }
  }
  return network.build(network.linear('fc', network.pooledFeatures(x), channels, settings.classes));
}

interface Bottleneck {
  readonly name: string;
  readonly in: number;
  readonly width: number;
  readonly stride: number;
  /** Batch-norm scale at the end of the residual branch: keeps the sum of a stage's branches from growing with its depth. */
  readonly branchScale: number;
}

function bottleneck(network: NetworkBuilder, x: string, block: Bottleneck): string {
  const { name, width, stride } = block;
  const out = width * 4;
  let branch = network.convolution(`${name}/conv1`, x, { in: block.in, out: width, kernel: 1 });
  branch = network.relu(`${name}/relu1`, network.batchNormalization(`${name}/bn1`, branch, width));
  branch = network.convolution(`${name}/conv2`, branch, { in: width, out: width, kernel: 3, stride, pad: 1 });
  branch = network.relu(`${name}/relu2`, network.batchNormalization(`${name}/bn2`, branch, width));
  branch = network.convolution(`${name}/conv3`, branch, { in: width, out, kernel: 1 });
  branch = network.batchNormalization(`${name}/bn3`, branch, out, { scale: block.branchScale });
  const shortcut = block.in === out ? x : projection(network, x, block);
  return network.relu(`${name}/relu3`, network.add(`${name}/add`, branch, shortcut));
}

/** The shortcut of a block that changes the number of channels or the size. */
function projection(
  network: NetworkBuilder,
  x: string,
  { name, width, stride, ...block }: Bottleneck,
): string {
  const options = { in: block.in, out: width * 4, kernel: 1, stride };
  const projected = network.convolution(`${name}/downsample/conv`, x, options);
  return network.batchNormalization(`${name}/downsample/bn`, projected, width * 4);
}
