import type { ModelProto } from '../onnx/model.ts';
import { type ConvolutionOptions, NetworkBuilder, type NetworkSettings } from './network-builder.ts';

/** Expansion, output channels, blocks, stride of the first: table 2 of the paper. */
const stages = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/** MobileNetV2, width 1: Sandler et al. 2018, "MobileNetV2: inverted residuals and linear bottlenecks", as in torchvision. */
export function mobilenetV2(settings: NetworkSettings): ModelProto {
  const network = new NetworkBuilder('mobilenet-v2', settings);
  const image = network.image();
  network.onnx.constant('relu6/min', 'float32', [], [0]);
  network.onnx.constant('relu6/max', 'float32', [], [6]);
  let x = clipped(network, 'stem', image, { in: 3, out: 32, kernel: 3, stride: 2, pad: 1 });
  let channels = 32;
  for (const [stage, [expansion, out, blocks, firstStride]] of stages.entries()) {
    for (let index = 0; index < blocks; index++) {
      const stride = index === 0 ? firstStride : 1;
      const name = `stage${stage + 1}/block${index}`;
      x = invertedResidual(network, x, { name, in: channels, out, expansion, stride });
      channels = out;
    }
  }
  x = clipped(network, 'head', x, { in: channels, out: 1280, kernel: 1, gain: 1 });
  return network.build(network.linear('fc', network.pooledFeatures(x), 1280, settings.classes));
}

interface InvertedResidual {
  readonly name: string;
  readonly in: number;
  readonly out: number;
  readonly expansion: number;
  readonly stride: number;
}

function invertedResidual(network: NetworkBuilder, x: string, block: InvertedResidual): string {
  const { name, out, stride } = block;
  const hidden = block.in * block.expansion;
  const expand = { in: block.in, out: hidden, kernel: 1, gain: 1 };
  const expanded = block.expansion === 1 ? x : clipped(network, `${name}/expand`, x, expand);
  const spatial = { in: hidden, out: hidden, kernel: 3, stride, pad: 1, groups: hidden };
  const filtered = clipped(network, `${name}/depthwise`, expanded, spatial);
  const projected = normalized(network, `${name}/project`, filtered, { in: hidden, out, kernel: 1 });
  return stride === 1 && block.in === out ? network.add(`${name}/add`, x, projected) : projected;
}

/** Convolution, batch normalisation, ReLU6. */
function clipped(network: NetworkBuilder, name: string, x: string, options: ConvolutionOptions): string {
  const inputs = [normalized(network, name, x, options), 'relu6/min', 'relu6/max'];
  return network.onnx.node('Clip', inputs, {}, `${name}/relu6`);
}

function normalized(network: NetworkBuilder, name: string, x: string, options: ConvolutionOptions): string {
  return network.batchNormalization(`${name}/bn`, network.convolution(name, x, options), options.out);
}
