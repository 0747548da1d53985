import { createRandom, fitLayerPredictor, type PredictorName, predictors, quantile } from '@tandem/core';
import { fitNnMeter } from './nn-meter.ts';
import { singleLayers, type Timing } from './timings.ts';

/** Learns from timings and foretells the seconds of others. */
export type Candidate = (training: readonly Timing[]) => (timing: Timing) => number;

/** What users meet first: the others are what it has to beat. */
export const candidates: Readonly<Record<string, Candidate>> = {
  learned: (training) => {
    const company = training.filter(({ kind }) => kind !== 'kernel');
    const learned = fitLayerPredictor(singleLayers(training), company, createRandom(1));
    return ({ kind, layers, device }) => {
      const [layer] = layers;
      return kind === 'kernel' && layer !== undefined
        ? learned.layer({ layer, device })
        : learned.segment(layers, device);
    };
  },
  "nn-Meter's recipe": (training) => {
    const ofLayer = fitNnMeter(singleLayers(training));
    return ({ layers }) => layers.reduce((sum, layer) => sum + ofLayer(layer), 0);
  },
  'regression by kind of layer': regression('per-layer-type'),
  roofline: regression('roofline'),
  'operations over peak': (training) => {
    const errors = training.map((timing) => Math.log(timing.seconds / operations(timing)));
    const factor = Math.exp(quantile(errors, 0.5));
    return (timing) => factor * operations(timing);
  },
};

/** A value that is only moved counts as one operation, or such layers would take no time. */
const operations = ({ layers }: Timing): number =>
  layers.reduce((sum, { flops, outputBytes }) => sum + Math.max(flops, outputBytes / 4), 1);

/** Fitted to what is judged: kernels for kernels, and everything for segments. */
function regression(name: PredictorName): Candidate {
  return (training) => predictors[name].fit(training, createRandom(1));
}
