import type { ModelProto } from '../onnx/model.ts';
import { type ConvolutionOptions, NetworkBuilder, type NetworkSettings } from './network-builder.ts';

const widths = [16, 32, 64] as const;

/**
 * ResNet-8 of the MLPerf Tiny image classification benchmark: Banbury et al. 2021, "MLPerf Tiny Benchmark". One block a stage;
 * convolutions have biases, shortcuts have no batch normalisation, and padding is Keras' "same", which pads right and below first.
 */
export function cifarResnet8(settings: NetworkSettings): ModelProto {
  const network = new NetworkBuilder('cifar-resnet-8', settings);
  let x = normalized(network, 'conv1', network.image(), samePadded(3, 16, 3, 1));
  x = network.relu('relu1', x);
  let channels = 16;
  for (const [stage, width] of widths.entries()) {
    x = basicBlock(network, `stack${stage + 1}`, x, channels, width);
    channels = width;
  }
  return network.build(network.linear('fc', network.pooledFeatures(x), channels, settings.classes));
}

function basicBlock(
  network: NetworkBuilder,
  name: string,
  x: string,
  channels: number,
  width: number,
): string {
  const stride = channels === width ? 1 : 2;
  let branch = normalized(network, `${name}/conv1`, x, samePadded(channels, width, 3, stride));
  branch = network.relu(`${name}/relu1`, branch);
  branch = normalized(network, `${name}/conv2`, branch, samePadded(width, width, 3, 1));
  const shortcut =
    stride === 1 ? x : network.convolution(`${name}/shortcut`, x, samePadded(channels, width, 1, stride));
  return network.relu(`${name}/relu2`, network.add(`${name}/add`, branch, shortcut));
}

function normalized(network: NetworkBuilder, name: string, x: string, options: ConvolutionOptions): string {
  const convolved = network.convolution(name, x, options);
  return network.batchNormalization(`${name}/bn`, convolved, options.out, { epsilon: 1e-3 });
}

/** Keras' "same" padding for sizes that the stride divides. */
function samePadded(channels: number, out: number, kernel: number, stride: number): ConvolutionOptions {
  const total = Math.max(0, kernel - stride);
  const before = Math.floor(total / 2);
  const after = total - before;
  return { in: channels, out, kernel, stride, pad: [before, before, after, after], bias: true };
}
