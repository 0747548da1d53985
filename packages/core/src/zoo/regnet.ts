import type { ModelProto } from '../onnx/model.ts';
import { NetworkBuilder, type NetworkSettings } from './network-builder.ts';

/** Width and blocks of each stage: what equations 2 to 4 of the paper make of its depth 22, w₀ 24, wₐ 24.48 and w_m 2.54. */
const stages = [
  [32, 1],
  [64, 2],
  [160, 7],
  [400, 12],
] as const;

const stemWidth = 32;
const groupWidth = 16;

/** RegNetX-400MF as in torchvision: Radosavovic et al. 2020, "Designing network design spaces", X block, bottleneck ratio 1. */
export function regnetX400mf(settings: NetworkSettings): ModelProto {
  const network = new NetworkBuilder('regnetx-400mf', settings);
  let x = network.convolution('stem', network.image(), {
    in: 3,
    out: stemWidth,
    kernel: 3,
    stride: 2,
    pad: 1,
  });
  x = network.relu('stem/relu', network.batchNormalization('stem/bn', x, stemWidth));
  let channels: number = stemWidth;
  for (const [stage, [width, blocks]] of stages.entries()) {
    for (let index = 0; index < blocks; index++) {
      const name = `stage${stage + 1}/block${index}`;
      const stride = index === 0 ? 2 : 1;
      x = xBlock(network, x, { name, in: channels, width, stride, branchScale: 1 / Math.sqrt(blocks) });
      channels = width;
    }
  }
  return network.build(network.linear('fc', network.pooledFeatures(x), channels, settings.classes));
}

interface XBlock {
  readonly name: string;
  readonly in: number;
  readonly width: number;
  readonly stride: number;
  /** Batch-norm scale at the end of the residual branch: keeps the sum of a stage's branches from growing with its depth. */
  readonly branchScale: number;
}

/** Figure 4 of the paper: 1 × 1, grouped 3 × 3 and 1 × 1 convolutions beside a shortcut. */
function xBlock(network: NetworkBuilder, x: string, block: XBlock): string {
  const { name, width, stride } = block;
  const groups = width / groupWidth;
  let branch = network.convolution(`${name}/conv1`, x, { in: block.in, out: width, kernel: 1 });
  branch = network.relu(`${name}/relu1`, network.batchNormalization(`${name}/bn1`, branch, width));
  const grouped = { in: width, out: width, kernel: 3, stride, pad: 1, groups };
  branch = network.convolution(`${name}/conv2`, branch, grouped);
  branch = network.relu(`${name}/relu2`, network.batchNormalization(`${name}/bn2`, branch, width));
  branch = network.convolution(`${name}/conv3`, branch, { in: width, out: width, kernel: 1 });
  branch = network.batchNormalization(`${name}/bn3`, branch, width, { scale: block.branchScale });
  const shortcut = stride === 1 ? x : projection(network, x, block);
  return network.relu(`${name}/relu3`, network.add(`${name}/add`, branch, shortcut));
}

/** The shortcut of a stage's first block, which changes size and channels. */
function projection(network: NetworkBuilder, x: string, { name, width, stride, ...block }: XBlock): string {
  const options = { in: block.in, out: width, kernel: 1, stride };
  const projected = network.convolution(`${name}/shortcut/conv`, x, options);
  return network.batchNormalization(`${name}/shortcut/bn`, projected, width);
}
