import { InvalidInputError } from '../errors.ts';
import type { NetworkBuilder } from './network-builder.ts';

/**
 * PyTorch's adaptive average pooling of [N, C, size, size] to [N, C, target, target], for the sizes at which it is one ONNX
 * operator: `target` itself (nothing to do), a multiple of it (AveragePool), and 1 (Expand). Throws InvalidInputError for others.
 */
export function adaptiveAveragePool(
  network: NetworkBuilder,
  x: string,
  size: number,
  target: number,
): string {
  if (size === target) return x;
  if (size === 1) {
    const shape = network.onnx.constant('avgpool/shape', 'int64', [4], [1, 1, target, target]);
    return network.onnx.node('Expand', [x, shape], {}, 'avgpool');
  }
  const window = size / target;
  if (size === 0 || !Number.isInteger(window)) {
    throw new InvalidInputError(
      `the last feature map is ${size} × ${size} at this resolution, expected 1 or a multiple of ${target}`,
      'Choose the published resolution, or one that leads to such a map.',
    );
  }
  const attributes = { kernel_shape: [window, window], strides: [window, window] };
  return network.onnx.node('AveragePool', [x], attributes, 'avgpool');
}

/** Size of a convolution's or pool's output along one axis, rounding down. */
export function windowed(size: number, kernel: number, stride: number, pad: number): number {
  return Math.max(0, Math.floor((size + 2 * pad - kernel) / stride) + 1);
}
