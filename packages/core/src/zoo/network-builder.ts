import { createModelBuilder, float, type ModelBuilder } from '../onnx/build.ts';
import type { ModelProto } from '../onnx/model.ts';
import { type Spread, seededWeights } from './seeded-source.ts';

/** What a network is built for, every choice made. */
export interface NetworkSettings {
  /** Height and width of the input in pixels. */
  readonly resolution: number;
  /** Length of the logits. */
  readonly classes: number;
  readonly seed: number;
  /** First dimension of the input and of the logits. */
  readonly batch: number | 'N';
}

export interface ConvolutionOptions {
  readonly in: number;
  readonly out: number;
  /** One number for both, or [height, width]. */
  readonly kernel: number | readonly [number, number];
  /** @default 1 */
  readonly stride?: number;
  /** One number for all sides, or [top, left, bottom, right]. @default 0 */
  readonly pad?: number | readonly [number, number, number, number];
  /** @default 1 */
  readonly groups?: number;
  /** @default false */
  readonly bias?: boolean;
  /** Standard deviation of the outputs over that of the inputs before their ReLU. @default reluGain */
  readonly gain?: number;
}

interface WindowOptions {
  readonly kernel: number;
  readonly stride: number;
  /** @default 0 */
  readonly pad?: number;
}

interface AveragePoolOptions extends WindowOptions {
  /** Count the padding as zeros; else a window's mean is of the pixels in it. */
  readonly countPadding: boolean;
}

interface MaxPoolOptions extends WindowOptions {
  /** Keep a last window that the input fills only in part. @default false */
  readonly ceil?: boolean;
}

/**
 * How much an output's weights cancel. Activations after a ReLU share a large positive mean, which independent weights carry from
 * layer to layer until all images give the same answer; weights that cancel it wholly let every rounding grow by a fifth a layer, these by a seventh.
 */
const opposition = 0.75;

/**
 * What weights must multiply by after a ReLU of a standard normal input, to keep the variance: He et al. 2015, eq. 10, divide by the
 * second moment 1/2; here the share of its mean's square, 1/(2π), that the weights cancel is taken out.
 */
const reluGain: number = 1 / Math.sqrt(1 / 2 - opposition / (2 * Math.PI));

const imageChannels = 3;

const shift: Spread = { center: 0, spread: 0.1 };

/**
 * Layers of image classifiers over a ModelBuilder. Activations are float32 [N, C, H, W] (convolutional part) or [N, F]; every method
 * takes and returns tensor names. Learned parameters are initializers named 'LAYER.weight' and so on, seeded by their names.
 */
export class NetworkBuilder {
  readonly onnx: ModelBuilder;
  readonly #settings: NetworkSettings;

  constructor(name: string, settings: NetworkSettings) {
    this.onnx = createModelBuilder({ name });
    this.#settings = settings;
  }

  /** The image, [N, 3, resolution, resolution]. */
  image(): string {
    const { batch, resolution } = this.#settings;
    return this.onnx.input('input', 'float32', [batch, imageChannels, resolution, resolution]);
  }

  /** A learned tensor. */
  parameter(name: string, dims: readonly number[], spread: Spread): string {
    const elements = dims.reduce((product, dim) => product * dim, 1);
    return this.onnx.initializer(
      name,
      'float32',
      dims,
      seededWeights(name, this.#settings.seed, elements, spread),
    );
  }

  convolution(name: string, x: string, options: ConvolutionOptions): string {
    const { stride = 1, groups = 1, bias = false, gain = reluGain } = options;
    const [height, width] = twoSides(options.kernel);
    const fanIn = (options.in / groups) * height * width;
    const dims = [options.out, options.in / groups, height, width];
    const spreadOf = options.in === imageChannels ? fanInSpread : opposedSpread;
    const weight = this.parameter(`${name}.weight`, dims, spreadOf(fanIn, gain));
    const biases = bias ? [this.parameter(`${name}.bias`, [options.out], shift)] : [];
    return this.onnx.node(
      'Conv',
      [x, weight, ...biases],
      {
        dilations: [1, 1],
        group: groups,
        kernel_shape: [height, width],
        pads: fourSides(options.pad ?? 0),
        strides: [stride, stride],
      },
      name,
    );
  }

  /** Running mean 0 and variance 1; `scale` is the centre of the learned scale. */
  batchNormalization(
    name: string,
    x: string,
    channels: number,
    { scale = 1, epsilon = 1e-5 }: { readonly scale?: number; readonly epsilon?: number } = {},
  ): string {
    const inputs = [
      x,
      this.parameter(`${name}.weight`, [channels], { center: scale, spread: scale / 10 }),
      this.parameter(`${name}.bias`, [channels], shift),
      this.parameter(`${name}.running_mean`, [channels], { center: 0, spread: 0 }),
      this.parameter(`${name}.running_var`, [channels], { center: 1, spread: 0 }),
    ];
    return this.onnx.node('BatchNormalization', inputs, { epsilon: float(epsilon) }, name);
  }

  relu(name: string, x: string): string {
    return this.onnx.node('Relu', [x], {}, name);
  }

  add(name: string, left: string, right: string): string {
    return this.onnx.node('Add', [left, right], {}, name);
  }

  maxPool(name: string, x: string, { kernel, stride, pad = 0, ceil = false }: MaxPoolOptions): string {
    const attributes = {
      ceil_mode: ceil ? 1 : 0,
      kernel_shape: [kernel, kernel],
      pads: fourSides(pad),
      strides: [stride, stride],
    };
    return this.onnx.node('MaxPool', [x], attributes, name);
  }

  averagePool(
    name: string,
    x: string,
    { kernel, stride, pad = 0, countPadding }: AveragePoolOptions,
  ): string {
    const attributes = {
      count_include_pad: countPadding ? 1 : 0,
      kernel_shape: [kernel, kernel],
      pads: fourSides(pad),
      strides: [stride, stride],
    };
    return this.onnx.node('AveragePool', [x], attributes, name);
  }

  /** [N, C, H, W] → [N, C]. */
  pooledFeatures(x: string): string {
    return this.flatten('flatten', this.onnx.node('GlobalAveragePool', [x], {}, 'avgpool'));
  }

  /** [N, C, H, W] → [N, C·H·W]. */
  flatten(name: string, x: string): string {
    return this.onnx.node('Flatten', [x], { axis: 1 }, name);
  }

  /** Fully connected: [N, inputs] → [N, outputs]. */
  linear(name: string, x: string, inputs: number, outputs: number, gain: number = reluGain): string {
    const weight = this.parameter(`${name}.weight`, [outputs, inputs], opposedSpread(inputs, gain));
    const bias = this.parameter(`${name}.bias`, [outputs], shift);
    return this.onnx.node('Gemm', [x, weight, bias], { transB: 1 }, name);
  }

  /** Declares `x`, [N, classes], as the one output and ends the model. */
  build(x: string): ModelProto {
    this.onnx.output(x, 'float32', [this.#settings.batch, this.#settings.classes]);
    return this.onnx.build();
  }
}

/** Weights whose sum over `fanIn` inputs has `gain` times the inputs' root mean square. */
export function fanInSpread(fanIn: number, gain: number): Spread {
  return { center: 0, spread: gain * Math.sqrt(3 / fanIn) };
}

/** The same, with an output's weights cancelling in part. */
function opposedSpread(fanIn: number, gain: number): Spread {
  return { ...fanInSpread(fanIn, gain), opposed: { row: fanIn, strength: opposition } };
}

function twoSides(kernel: number | readonly [number, number]): readonly [number, number] {
  return typeof kernel === 'number' ? [kernel, kernel] : kernel;
}

function fourSides(pad: number | readonly number[]): readonly number[] {
  return typeof pad === 'number' ? [pad, pad, pad, pad] : pad;
}
