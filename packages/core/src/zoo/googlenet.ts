import type { ModelProto } from '../onnx/model.ts';
import { type ConvolutionOptions, NetworkBuilder, type NetworkSettings } from './network-builder.ts';

/** Widths of an inception module: 1 × 1; reduce and 3 × 3; reduce and second 3 × 3; projection after the pool. */
type Module = readonly [
  name: string,
  direct: number,
  reduce: number,
  conv: number,
  reduce2: number,
  conv2: number,
  projection: number,
];

const stages: readonly (readonly Module[])[] = [
  [
    ['inception3a', 64, 96, 128, 16, 32, 32],
    ['inception3b', 128, 128, 192, 32, 96, 64],
  ],
  [
    ['inception4a', 192, 96, 208, 16, 48, 64],
    ['inception4b', 160, 112, 224, 24, 64, 64],
    ['inception4c', 128, 128, 256, 24, 64, 64],
    ['inception4d', 112, 144, 288, 32, 64, 64],
    ['inception4e', 256, 160, 320, 32, 128, 128],
  ],
  [
    ['inception5a', 256, 160, 320, 32, 128, 128],
    ['inception5b', 384, 192, 384, 48, 128, 128],
  ],
];

/**
 * GoogLeNet as in torchvision: Szegedy et al. 2015, "Going deeper with convolutions", table 1, with batch normalisation, without the
 * auxiliary classifiers, and (as torchvision's, unlike the paper's) with 3 × 3 where the paper has 5 × 5 convolutions.
 */
export function googlenet(settings: NetworkSettings): ModelProto {
  const network = new NetworkBuilder('googlenet', settings);
  let x = unit(network, 'conv1', network.image(), { in: 3, out: 64, kernel: 7, stride: 2, pad: 3 });
  x = network.maxPool('maxpool1', x, { kernel: 3, stride: 2, ceil: true });
  x = unit(network, 'conv2', x, { in: 64, out: 64, kernel: 1 });
  x = unit(network, 'conv3', x, { in: 64, out: 192, kernel: 3, pad: 1 });
  x = network.maxPool('maxpool2', x, { kernel: 3, stride: 2, ceil: true });
  let channels = 192;
  for (const [index, modules] of stages.entries()) {
    if (index > 0)
      x = network.maxPool(`maxpool${index + 2}`, x, { kernel: index === 1 ? 3 : 2, stride: 2, ceil: true });
    for (const module of modules) {
      x = inception(network, module, x, channels);
      channels = module[1] + module[3] + module[5] + module[6];
    }
  }
  return network.build(network.linear('fc', network.pooledFeatures(x), channels, settings.classes));
}

function inception(
  network: NetworkBuilder,
  [name, direct, reduce, conv, reduce2, conv2, projection]: Module,
  x: string,
  channels: number,
): string {
  const point = (branch: string, from: string, out: number): string =>
    unit(network, `${name}/${branch}`, from, { in: channels, out, kernel: 1 });
  const wide = (branch: string, from: string, width: number, out: number): string =>
    unit(network, `${name}/${branch}`, from, { in: width, out, kernel: 3, pad: 1 });
  const pooled = network.maxPool(`${name}/branch4/pool`, x, { kernel: 3, stride: 1, pad: 1, ceil: true });
  const branches = [
    point('branch1/conv', x, direct),
    wide('branch2/conv', point('branch2/reduce', x, reduce), reduce, conv),
    wide('branch3/conv', point('branch3/reduce', x, reduce2), reduce2, conv2),
    point('branch4/conv', pooled, projection),
  ];
  return network.onnx.node('Concat', branches, { axis: 1 }, name);
}

/** Convolution, batch normalisation, ReLU. */
function unit(network: NetworkBuilder, name: string, x: string, options: ConvolutionOptions): string {
  const convolved = network.convolution(name, x, options);
  const normalized = network.batchNormalization(`${name}/bn`, convolved, options.out, { epsilon: 1e-3 });
  return network.relu(`${name}/relu`, normalized);
}
