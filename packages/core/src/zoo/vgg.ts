import type { ModelProto } from '../onnx/model.ts';
import { adaptiveAveragePool } from './adaptive-pool.ts';
import { NetworkBuilder, type NetworkSettings } from './network-builder.ts';

/** Channels of the 3 × 3 convolutions between pools: configuration D. */
const stages = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
] as const;

/** VGG-16 without batch normalisation: Simonyan and Zisserman 2015, "Very deep convolutional networks", table 1, column D. */
export function vgg16(settings: NetworkSettings): ModelProto {
  const network = new NetworkBuilder('vgg16', settings);
  let x = network.image();
  let channels = 3;
  for (const [stage, widths] of stages.entries()) {
    for (const [index, width] of widths.entries()) {
      const name = `features/stage${stage + 1}/conv${index + 1}`;
      const options = { in: channels, out: width, kernel: 3, pad: 1, bias: true };
      x = network.relu(`${name}/relu`, network.convolution(name, x, options));
      channels = width;
    }
    x = network.maxPool(`features/stage${stage + 1}/pool`, x, { kernel: 2, stride: 2 });
  }
  const size = Math.floor(settings.resolution / 32);
  x = network.flatten('flatten', adaptiveAveragePool(network, x, size, 7));
  x = network.relu('classifier/fc1/relu', network.linear('classifier/fc1', x, 512 * 7 * 7, 4096));
  x = network.relu('classifier/fc2/relu', network.linear('classifier/fc2', x, 4096, 4096));
  return network.build(network.linear('classifier/fc3', x, 4096, settings.classes));
}
