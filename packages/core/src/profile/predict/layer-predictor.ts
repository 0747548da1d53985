import { InvalidInputError } from '../../errors.ts';
import type { Random } from '../../random.ts';
import { boostedValue, fitBoostedTrees } from '../../search/gradient-boosting.ts';
import type { Samples } from '../../search/regression-tree.ts';
import { type Seconds, seconds } from '../../units.ts';
import { fitLayerBase, type LayerBase, type TimedLayer } from './layer-base.ts';
import { filledFlops, layerFeatures, type PlacedLayer } from './layer-features.ts';
import { type LayerShape, layerClasses } from './layer-shapes.ts';
import type { DeviceTraits } from './timed-segment.ts';

/** Layers that run as one, and how long they take together. */
export interface TimedLayers {
  readonly layers: readonly LayerShape[];
  readonly device: DeviceTraits;
  readonly seconds: number;
}

/** What `fitLayerPredictor` learned. */
export interface LayerPredictor {
  /** One layer by itself. */
  layer(placed: PlacedLayer): Seconds;
  /** Layers one after another in one session. Zero for none. */
  segment(layers: readonly LayerShape[], device: DeviceTraits): Seconds;
}

export interface LayerPredictorOptions {
  /** Models whose mean counts. @default 3 */
  readonly models?: number;
  /** @default 300 */
  readonly trees?: number;
}

const kernelBoosting = {
  depth: 6,
  learningRate: 0.06,
  leafRows: 3,
  rowShare: 0.6,
  featureShare: 0.5,
  bins: 64,
};
const segmentBoosting = {
  depth: 3,
  learningRate: 0.05,
  leafRows: 5,
  rowShare: 0.6,
  featureShare: 0.5,
  shrinkage: 3,
  bins: 32,
};

/** A row that lies further off its base than e to this power was disturbed, or is of a kind that no base describes. */
const farthest = 1.5;

/**
 * Learns single layers from `kernels` and what they cost in company from `segments` (which may be empty: then they add up). Boosted
 * trees on the logarithm of time (COINFER's learner), over a linear cost for each way of computing: the trees learn only what that
 * leaves, and several are averaged. Throws InvalidInputError without kernels.
 */
export function fitLayerPredictor(
  kernels: readonly TimedLayer[],
  segments: readonly TimedLayers[],
  random: Random,
  options: LayerPredictorOptions = {},
): LayerPredictor {
  if (kernels.length === 0)
    throw new InvalidInputError(
      'no timed layers to learn from, expected at least one',
      'Measure some first.',
    );
  const { models = 3, trees = 300 } = options;
  const base = fitLayerBase(kernels);
  const rowOf = (placed: PlacedLayer): number[] => [...layerFeatures(placed.layer), Math.log2(base(placed))];
  const left = average(
    samplesOf(kernels, rowOf, base),
    { ...kernelBoosting, trees },
    models,
    random.split('kernels'),
  );
  const layer = (placed: PlacedLayer): number => base(placed) * Math.exp(left(rowOf(placed)));
  const call = Math.min(...kernels.map((row) => row.seconds));
  const timesOf = amongOthers(base, layer, call);
  const company = fitCompany(segments, timesOf, call, { models, trees }, random.split('segments'));
  return {
    layer: (placed) => seconds(layer(placed)),
    segment: (layers, device) => seconds(company(layers, device)),
  };
}

function samplesOf<Row extends { readonly seconds: number }>(
  rows: readonly Row[],
  rowOf: (row: Row) => number[],
  expected: (row: Row) => number,
): Samples {
  return {
    rows: rows.map(rowOf),
    targets: rows.map((row) => {
      const error = Math.log(row.seconds / expected(row));
      return Math.max(-farthest, Math.min(farthest, error));
    }),
  };
}

type Boosting = Parameters<typeof fitBoostedTrees>[1];

/** The mean of several models, which differ in what their trees saw. */
function average(
  samples: Samples,
  options: Boosting,
  models: number,
  random: Random,
): (row: readonly number[]) => number {
  const fitted = Array.from({ length: models }, (_, index) =>
    fitBoostedTrees(samples, options, random.split(`${index}`)),
  );
  return (row) => fitted.reduce((sum, model) => sum + boostedValue(model, row), 0) / models;
}

type SegmentSeconds = (layers: readonly LayerShape[], device: DeviceTraits) => number;

/** What a layer takes alone, and what of it is left in company. */
interface LayerTimes {
  readonly alone: number;
  readonly among: number;
}
type TimesOf = (placed: PlacedLayer) => LayerTimes;

/** No layer gets cheaper than this part of itself. */
const leastPart = 0.1;

/** In company a layer keeps its neighbours' layout and is not called from outside. */
function amongOthers(base: LayerBase, layer: (placed: PlacedLayer) => number, call: number): TimesOf {
  return (placed) => {
    const alone = layer(placed);
    const kept = (alone * base(placed, 'in company')) / base(placed);
    return { alone, among: Math.max(kept - call, leastPart * alone) };
  };
}

function fitCompany(
  segments: readonly TimedLayers[],
  timesOf: TimesOf,
  call: number,
  { models, trees }: { readonly models: number; readonly trees: number },
  random: Random,
): SegmentSeconds {
  const sum: SegmentSeconds = (layers, device) =>
    layers.reduce((total, layer) => total + timesOf({ layer, device }).among, call);
  const rows = segments.filter(({ layers }) => layers.length > 0);
  if (rows.length === 0) return (layers, device) => (layers.length === 0 ? 0 : sum(layers, device));
  const samples = samplesOf(
    rows,
    ({ layers, device }) => companyFeatures(layers, device, timesOf, call),
    ({ layers, device }) => sum(layers, device),
  );
  const value = average(samples, { ...segmentBoosting, trees }, models, random);
  return (layers, device) =>
    layers.length === 0
      ? 0
      : sum(layers, device) * Math.exp(value(companyFeatures(layers, device, timesOf, call)));
}

/** How the layers of a segment differ from the same layers alone: shares and ratios only, so that short segments speak for long ones. */
function companyFeatures(
  layers: readonly LayerShape[],
  device: DeviceTraits,
  timesOf: TimesOf,
  call: number,
): number[] {
  const times = layers.map((layer) => timesOf({ layer, device }));
  const total = times.reduce((sum, { among }) => sum + among, 0);
  const alone = times.reduce((sum, time) => sum + time.alone, 0);
  const of = (valueOf: (each: LayerShape) => number): number =>
    layers.reduce((sum, each) => sum + valueOf(each), 0);
  const activations = of(({ inputBytes, outputBytes }) => inputBytes + outputBytes);
  const shares = layerClasses.map(
    (kind) => times.reduce((sum, { among }, at) => sum + (layers[at]?.kind === kind ? among : 0), 0) / total,
  );
  return [
    ...shares,
    call / total,
    (call * layers.length) / alone,
    total / alone,
    Math.log2(total / layers.length),
    of(({ keptInputBytes, keptOutputBytes }) => keptInputBytes + keptOutputBytes) / activations,
    activations / device.memoryBytesPerSecond / total,
    of(({ parameterBytes }) => parameterBytes) / device.memoryBytesPerSecond / total,
    of(({ innerBytes, keptOutputBytes }) => innerBytes - keptOutputBytes) /
      device.memoryBytesPerSecond /
      total,
    Math.log2(activations / layers.length),
    of(filledFlops) / device.flopsPerSecond / total,
  ];
}
