import type { LayerKind, LayerWork } from '@tandem/core';

/** Channels, height, width of one image's activation. */
export type Shape = readonly [number, number, number];

export interface ConvolutionOptions {
  /** @default 1 */
  readonly stride?: number;
  /** @default 1 */
  readonly groups?: number;
  /** @default half of the kernel, which keeps the size at stride 1 */
  readonly pad?: number;
}

const floatBytes = 4;
const sizeOf = ([channels, height, width]: Shape): number => channels * height * width;

/**
 * Counts the layers of a network as an inference engine runs them (batch normalisation folded into biases, activation functions
 * fused), from the layer list of its paper: float32, batch 1. Each method applies one layer to the current shape.
 */
export class LayerStack {
  readonly layers: LayerWork[] = [];
  shape: Shape;

  constructor(shape: Shape) {
    this.shape = shape;
  }

  convolution(out: number, kernel: number, options: ConvolutionOptions = {}): this {
    const { stride = 1, groups = 1, pad = Math.floor(kernel / 2) } = options;
    const [channels, height, width] = this.shape;
    const side = (length: number): number => Math.floor((length + 2 * pad - kernel) / stride) + 1;
    const shape: Shape = [out, side(height), side(width)];
    const weights = (out * channels * kernel ** 2) / groups;
    const kind =
      groups === channels ? 'depthwise' : kernel === 1 && groups === 1 ? 'pointwise' : 'convolution';
    return this.#add(kind, shape, 2 * (sizeOf(shape) / out) * weights, weights + out);
  }

  depthwise(kernel: number, stride = 1): this {
    return this.convolution(this.shape[0], kernel, { stride, groups: this.shape[0] });
  }

  /** Rounds a last, partly filled window up to a whole one unless told otherwise. */
  pool(kernel: number, stride: number, pad = 0): this {
    const [channels, height, width] = this.shape;
    const side = (length: number): number => Math.ceil((length + 2 * pad - kernel) / stride) + 1;
    const shape: Shape = [channels, side(height), side(width)];
    return this.#add('other', shape, sizeOf(shape) * kernel ** 2, 0);
  }

  globalPool(): this {
    return this.#add('other', [this.shape[0], 1, 1], sizeOf(this.shape), 0);
  }

  linear(out: number): this {
    const weights = out * sizeOf(this.shape);
    return this.#add('matrix', [out, 1, 1], 2 * weights, weights + out);
  }

  /** One value of two tensors of the current shape: residual sums. */
  sum(): this {
    return this.#add('other', this.shape, sizeOf(this.shape), 0, 2);
  }

  /** A layer that moves every value once and changes `channels` at most: concatenation, shuffle, up-sampling, normalisation. */
  move(shape: Shape = this.shape): this {
    return this.#add('other', shape, 0, 0);
  }

  /** Squeeze and excitation (Hu et al. 2018) with `reduced` channels in between. */
  excite(reduced: number): this {
    const shape = this.shape;
    this.globalPool().convolution(reduced, 1).convolution(shape[0], 1);
    this.shape = shape;
    return this.sum();
  }

  /** Layers that start at the same shape, side by side; their outputs are concatenated along the channels. */
  concatenate(...branches: readonly ((stack: this) => unknown)[]): this {
    const start = this.shape;
    let channels = 0;
    for (const branch of branches) {
      this.shape = start;
      branch(this);
      channels += this.shape[0];
    }
    return this.move([channels, this.shape[1], this.shape[2]]);
  }

  /** Layers beside the main path (a head, a shortcut): the shape stays as it was. */
  beside(branch: (stack: this) => unknown): this {
    const start = this.shape;
    branch(this);
    this.shape = start;
    return this;
  }

  #add(kind: LayerKind, shape: Shape, flops: number, parameters: number, inputs = 1): this {
    this.layers.push({
      kind,
      flops,
      inputBytes: inputs * floatBytes * sizeOf(this.shape),
      outputBytes: floatBytes * sizeOf(shape),
      parameterBytes: floatBytes * parameters,
    });
    this.shape = shape;
    return this;
  }
}
