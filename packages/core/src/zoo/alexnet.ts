import type { ModelProto } from '../onnx/model.ts';
import { adaptiveAveragePool, windowed } from './adaptive-pool.ts';
import { NetworkBuilder, type NetworkSettings } from './network-builder.ts';

const convolutions = [
  { in: 3, out: 64, kernel: 11, stride: 4, pad: 2, pooled: true },
  { in: 64, out: 192, kernel: 5, stride: 1, pad: 2, pooled: true },
  { in: 192, out: 384, kernel: 3, stride: 1, pad: 1, pooled: false },
  { in: 384, out: 256, kernel: 3, stride: 1, pad: 1, pooled: false },
  { in: 256, out: 256, kernel: 3, stride: 1, pad: 1, pooled: true },
] as const;

/** AlexNet as in torchvision: Krizhevsky 2014, "One weird trick for parallelizing convolutional neural networks", one tower, no LRN. */
export function alexnet(settings: NetworkSettings): ModelProto {
  const network = new NetworkBuilder('alexnet', settings);
  let x = network.image();
  let size = settings.resolution;
  for (const [index, { pooled, ...options }] of convolutions.entries()) {
    const name = `features/conv${index + 1}`;
    x = network.relu(`${name}/relu`, network.convolution(name, x, { ...options, bias: true }));
    size = windowed(size, options.kernel, options.stride, options.pad);
    if (!pooled) continue;
    x = network.maxPool(`${name}/pool`, x, { kernel: 3, stride: 2 });
    size = windowed(size, 3, 2, 0);
  }
  x = network.flatten('flatten', adaptiveAveragePool(network, x, size, 6));
  x = network.relu('classifier/fc1/relu', network.linear('classifier/fc1', x, 256 * 6 * 6, 4096));
  x = network.relu('classifier/fc2/relu', network.linear('classifier/fc2', x, 4096, 4096));
  return network.build(network.linear('classifier/fc3', x, 4096, settings.classes));
}
