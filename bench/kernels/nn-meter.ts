import {
  createRandom,
  fitRandomForest,
  forestValue,
  type LayerShape,
  type RandomForest,
  type TimedLayer,
} from '@tandem/core';

/** A kernel type's own shape parameters, operations and parameters. */
const featuresOf = (layer: LayerShape): number[] => [
  layer.height,
  layer.width,
  layer.channels,
  layer.out,
  layer.kernelHeight,
  layer.stride,
  layer.flops,
  layer.parameterBytes / 4,
];

/** A type is an operator with what is fused to it. */
const typeOf = ({ kind, operator, activation }: LayerShape): string => [kind, operator, activation].join(' ');

/**
 * The recipe of nn-Meter (Zhang et al. 2021): a random forest on seconds for each type of kernel, of its shape parameters, operations
 * and parameters, all features open to every tree; a model is the sum of its kernels. A type without timings takes the mean of all.
 */
export function fitNnMeter(rows: readonly TimedLayer[]): (layer: LayerShape) => number {
  const types = new Map<string, TimedLayer[]>();
  for (const row of rows) types.set(typeOf(row.layer), [...(types.get(typeOf(row.layer)) ?? []), row]);
  const forests = new Map([...types].map(([type, own]): [string, RandomForest] => [type, forestOf(own)]));
  const mean = rows.reduce((sum, { seconds }) => sum + seconds, 0) / rows.length;
  return (layer) => {
    const forest = forests.get(typeOf(layer));
    return forest === undefined ? mean : forestValue(forest, featuresOf(layer));
  };
}

function forestOf(rows: readonly TimedLayer[]): RandomForest {
  const samples = {
    rows: rows.map(({ layer }) => featuresOf(layer)),
    targets: rows.map((row) => row.seconds),
  };
  return fitRandomForest(samples, { trees: 100, depth: 50 }, createRandom(1));
}
