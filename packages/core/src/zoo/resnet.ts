import type { ModelProto } from '../onnx/model.ts';
import { NetworkBuilder, type NetworkSettings } from './network-builder.ts';

/** Blocks in each of the four stages. */
type Depths = readonly [number, number, number, number];

export function resnet18(settings: NetworkSettings): ModelProto {
  return resnet('resnet-18', [2, 2, 2, 2], basic, settings);
}

export function resnet50(settings: NetworkSettings): ModelProto {
  return resnet('resnet-50', [3, 4, 6, 3], bottleneck, settings);
}

export function resnet101(settings: NetworkSettings): ModelProto {
  return resnet('resnet-101', [3, 4, 23, 3], bottleneck, settings);
}

/** The two kinds of residual branch of He et al. 2016, figure 5. */
interface BlockKind {
  /** In the branch. */
  readonly convolutions: number;
  /** Channels of the block's output over its width. */
  readonly expansion: number;
  /** From the block's input to the last batch normalisation before the sum. */
  readonly branch: (network: NetworkBuilder, x: string, block: Block) => string;
}

interface Block {
  readonly name: string;
  readonly in: number;
  readonly width: number;
  readonly out: number;
  readonly stride: number;
  /** Batch-norm scale at the end of the residual branch: keeps the sum of a stage's branches from growing with its depth. */
  readonly branchScale: number;
}

const basic: BlockKind = {
  convolutions: 2,
  expansion: 1,
  branch: (network, x, { name, width, stride, branchScale, ...block }) => {
    const first = { in: block.in, out: width, kernel: 3, stride, pad: 1 };
    let branch = network.convolution(`${name}/conv1`, x, first);
    branch = network.relu(`${name}/relu1`, network.batchNormalization(`${name}/bn1`, branch, width));
    branch = network.convolution(`${name}/conv2`, branch, { in: width, out: width, kernel: 3, pad: 1 });
    return network.batchNormalization(`${name}/bn2`, branch, width, { scale: branchScale });
  },
};

const bottleneck: BlockKind = {
  convolutions: 3,
  expansion: 4,
  branch: (network, x, { name, width, out, stride, branchScale, ...block }) => {
    let branch = network.convolution(`${name}/conv1`, x, { in: block.in, out: width, kernel: 1 });
    branch = network.relu(`${name}/relu1`, network.batchNormalization(`${name}/bn1`, branch, width));
    const spatial = { in: width, out: width, kernel: 3, stride, pad: 1 };
    branch = network.convolution(`${name}/conv2`, branch, spatial);
    branch = network.relu(`${name}/relu2`, network.batchNormalization(`${name}/bn2`, branch, width));
    branch = network.convolution(`${name}/conv3`, branch, { in: width, out, kernel: 1 });
    return network.batchNormalization(`${name}/bn3`, branch, out, { scale: branchScale });
  },
};

/**
 * ResNet as in torchvision ("v1.5"): He et al. 2016, "Deep residual learning for image recognition", table 1, with the stride of a
 * bottleneck block in its 3 × 3 convolution instead of the first 1 × 1.
 */
function resnet(name: string, depths: Depths, kind: BlockKind, settings: NetworkSettings): ModelProto {
  const network = new NetworkBuilder(name, settings);
  let x = network.convolution('conv1', network.image(), { in: 3, out: 64, kernel: 7, stride: 2, pad: 3 });
  x = network.relu('relu1', network.batchNormalization('bn1', x, 64));
  x = network.maxPool('maxpool', x, { kernel: 3, stride: 2, pad: 1 });
  let channels = 64;
  for (const [stage, blocks] of depths.entries()) {
    const width = 64 * 2 ** stage;
    const out = width * kind.expansion;
    for (let index = 0; index < blocks; index++) {
      const block = { name: `layer${stage + 1}/block${index}`, in: channels, width, out };
      const stride = stage > 0 && index === 0 ? 2 : 1;
      x = residual(network, x, kind, { ...block, stride, branchScale: 1 / Math.sqrt(blocks) });
      channels = out;
    }
  }
  return network.build(network.linear('fc', network.pooledFeatures(x), channels, settings.classes));
}

function residual(network: NetworkBuilder, x: string, kind: BlockKind, block: Block): string {
  const { name } = block;
  const branch = kind.branch(network, x, block);
  const shortcut = block.in === block.out ? x : projection(network, x, block);
  return network.relu(`${name}/relu${kind.convolutions}`, network.add(`${name}/add`, branch, shortcut));
}

/** The shortcut of a block that changes the number of channels or the size. */
function projection(network: NetworkBuilder, x: string, { name, out, stride, ...block }: Block): string {
  const options = { in: block.in, out, kernel: 1, stride };
  const projected = network.convolution(`${name}/downsample/conv`, x, options);
  return network.batchNormalization(`${name}/downsample/bn`, projected, out);
}
