import { blockChannels, convolvesInBlocks } from '../../graph/convolves-in-blocks.ts';
import type { LayerShape } from './layer-shapes.ts';
import type { DeviceTraits } from './timed-segment.ts';

/** A layer on a device. */
export interface PlacedLayer {
  readonly layer: LayerShape;
  readonly device: DeviceTraits;
}

type Feature = (layer: LayerShape) => number;

const log = (value: number): number => Math.log2(Math.max(value, 2 ** -10));

/** How many times larger than itself a length becomes when it is filled up to whole blocks. */
const filled = (length: number, block: number): number => (block * Math.ceil(length / block)) / length;

const area = ({ height, width }: LayerShape): number => height * width;
const taps = ({ kernelHeight, kernelWidth }: LayerShape): number => kernelHeight * kernelWidth;
const inward = ({ channels, groups }: LayerShape): number => channels / groups;
const outward = ({ out, groups }: LayerShape): number => out / groups;
const moved = ({ inputBytes, outputBytes, parameterBytes }: LayerShape): number =>
  inputBytes + outputBytes + parameterBytes;

/**
 * Which of its ways to convolve ONNX Runtime takes, by its condition on channels: in blocks of a vector's width, from an image with
 * few channels into blocks, or by unfolding the input into a matrix. Layers of other classes have one way.
 */
export function layerPath(layer: LayerShape): string {
  const { kind } = layer;
  if (kind === 'depthwise') return layer.channels % 4 === 0 ? 'depthwise in blocks' : 'depthwise one by one';
  if (kind !== 'convolution') return kind;
  const inBlocks = convolvesInBlocks(layer);
  if (layer.groups > 1) return inBlocks ? 'groups in blocks' : 'groups unfolded';
  if (layer.channels < blockChannels) return 'convolution of an image';
  return inBlocks ? 'convolution in blocks' : 'convolution unfolded';
}

/** Multiply-adds as they are executed: channels in whole vectors. */
export function filledFlops(layer: LayerShape): number {
  const { kind, flops } = layer;
  if (kind === 'depthwise' && layer.channels % 4 === 0) return flops * filled(layer.channels, blockChannels);
  if (kind !== 'convolution' && kind !== 'matrix') return flops;
  return flops * filled(outward(layer), blockChannels);
}

/** Operators that one column each tells apart. */
const operators = ['Add', 'Mul', 'Concat', 'Relu', 'Clip', 'Sigmoid', 'HardSwish', 'MaxPool', 'AveragePool'];
const rareOperators = ['GlobalAveragePool', 'Softmax', 'LayerNormalization', 'Erf', 'Transpose', 'Gemm'];

const named = (name: string): readonly [string, Feature] => [
  `${name}Flag`,
  ({ operator }) => Number(operator === name),
];

const features: readonly (readonly [string, Feature])[] = [
  ['flopsLog', (layer) => log(layer.flops)],
  ['filledFlopsLog', (layer) => log(filledFlops(layer))],
  ['inputBytesLog', (layer) => log(layer.inputBytes)],
  ['outputBytesLog', (layer) => log(layer.outputBytes)],
  ['parameterBytesLog', (layer) => log(layer.parameterBytes)],
  ['movedBytesLog', (layer) => log(moved(layer))],
  ['flopsPerByteLog', (layer) => log(layer.flops / moved(layer))],
  ['channelsLog', (layer) => log(inward(layer))],
  ['outLog', (layer) => log(outward(layer))],
  ['channelsPerOutLog', (layer) => log(layer.channels / layer.out)],
  ['groupsLog', (layer) => log(layer.groups)],
  ['areaLog', (layer) => log(area(layer))],
  ['widthCount', ({ width }) => width],
  ['heightLog', ({ height }) => log(height)],
  ['repeatsLog', ({ repeats }) => log(repeats)],
  ['tapsCount', taps],
  ['kernelWidthCount', ({ kernelWidth }) => kernelWidth],
  ['strideCount', ({ stride }) => stride],
  ['innerLengthLog', (layer) => log(inward(layer) * taps(layer))],
  ['unfoldedBytesLog', (layer) => log(4 * inward(layer) * taps(layer) * area(layer))],
  ['filledOutRatio', (layer) => filled(outward(layer), blockChannels)],
  ['filledOut64Ratio', (layer) => filled(outward(layer), 4 * blockChannels)],
  ['filledChannelsRatio', (layer) => filled(inward(layer), blockChannels)],
  ['filledWidthRatio', ({ width }) => filled(width, 6)],
  ['filledWidth14Ratio', ({ width }) => filled(width, 14)],
  ['filledRowsRatio', (layer) => filled(area(layer), 12)],
  ['wholeQuarterFlag', ({ channels }) => Number(channels % 4 === 0)],
  ['blocksFlag', (layer) => Number(layerPath(layer).endsWith('in blocks'))],
  ['imageFlag', (layer) => Number(layerPath(layer).endsWith('an image'))],
  [
    'wholeBlockFlag',
    (layer) => Number(inward(layer) % blockChannels === 0 && outward(layer) % blockChannels === 0),
  ],
  ['wholeOutBlockFlag', (layer) => Number(layer.out % blockChannels === 0)],
  ['outBlocksRatio', (layer) => (Math.ceil(outward(layer) / blockChannels) % 4 || 4) / 4],
  ['activationFlag', ({ activation }) => Number(activation !== '')],
  ['clipFlag', ({ activation }) => Number(activation === 'Clip')],
  ...operators.map(named),
  ...rareOperators.map(named),
];

/** What determines a layer's time beyond its sizes: how they fill vectors, tiles and caches. */
export function layerFeatures(layer: LayerShape): number[] {
  return features.map(([, feature]) => feature(layer));
}
