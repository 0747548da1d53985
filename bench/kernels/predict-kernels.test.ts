import { createRandom, graphOf, layerShapes, seconds, segmentWork } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { type Candidate, candidates } from './candidates.ts';
import { kernelErrors, segmentErrors } from './cross-validate.ts';
import { closeShare, passErrors, rmsInterval } from './errors.ts';
import { type LittleModel, modelOf, titleOf } from './little-model.ts';
import { sampledBlocks } from './sampled-blocks.ts';
import { sampledKernels } from './sampled-kernels.ts';
import { benchTraits, type Timing } from './timings.ts';

const device = benchTraits(1);

/** A law that depends on sizes alone: 20 µs a layer, 50 GFLOP/s, 5 GB/s. */
function timingOf(little: LittleModel, kind: Timing['kind'], family: string | null): Timing {
  const graph = graphOf(modelOf(little));
  const nodes = graph.nodes.map(({ id }) => id);
  const layers = layerShapes(graph, nodes);
  const time = layers.reduce(
    (sum, { flops, inputBytes, outputBytes, parameterBytes }) =>
      sum + 2e-5 + flops / 5e10 + (inputBytes + outputBytes + parameterBytes) / 5e9,
    0,
  );
  return {
    name: `${kind} ${titleOf(little)}`,
    kind,
    families: family === null ? [] : [family],
    group: family ?? titleOf(little),
    layers,
    work: segmentWork(graph, nodes),
    device,
    seconds: seconds(time),
    passes: [time, time],
  };
}

const kernels = sampledKernels(createRandom(1), 0.15).map((little) => timingOf(little, 'kernel', null));
const segments = sampledBlocks(createRandom(2), 24).map((little, index) =>
  timingOf(little, 'segment', ['north', 'south', 'east'][index % 3] ?? ''),
);
const timings = [...kernels, ...segments];

describe('sampled models', () => {
  it('are the same for the same seed and of one layer where they are kernels', () => {
    const titles = (models: readonly LittleModel[]): string[] => models.map(titleOf);
    expect(titles(sampledKernels(createRandom(5), 0.05))).toEqual(
      titles(sampledKernels(createRandom(5), 0.05)),
    );
    for (const { layers, name } of kernels) expect([name, layers.length]).toEqual([name, 1]);
  });
});

describe('held-out errors', () => {
  const rms = (candidate: Candidate | undefined, of: typeof kernelErrors): number =>
    rmsInterval(of(timings, candidate ?? (() => () => 1))).value;

  it.each([
    ['kernels', kernelErrors],
    ['segments', segmentErrors],
  ] as const)('are smaller where the law of %s is learned than by operations over peak', (_, of) => {
    const learned = rms(candidates['learned'], of);
    expect(learned).toBeLessThan(0.7);
    expect(learned).toBeLessThan(rms(candidates['operations over peak'], of));
  });

  it.each(Object.entries(candidates))('%s foretells a positive time for everything', (_, candidate) => {
    const foretell = candidate(timings);
    for (const timing of timings) expect(foretell(timing)).toBeGreaterThan(0);
  });

  it('never train on what they judge', () => {
    const seen: Candidate = (training) => {
      const names = new Set(training.map(({ name }) => name));
      const families = new Set(training.flatMap((timing) => timing.families));
      return ({ name, families: own }) => {
        expect(names.has(name) || own.some((family) => families.has(family))).toBe(false);
        return 1;
      };
    };
    expect(kernelErrors(timings, seen)).toHaveLength(kernels.length);
    expect(segmentErrors(timings, seen)).toHaveLength(segments.length);
  });
});

describe('noise', () => {
  it('is each pass against the median of the others', () => {
    expect(passErrors([1, 1, 2])).toEqual([Math.log(1 / 1.5), Math.log(1 / 1.5), Math.log(2)]);
    expect(closeShare([0, Math.log(1.09), Math.log(1.11), Math.log(0.91), Math.log(0.89)])).toBeCloseTo(0.6);
  });

  it('has an interval that holds its value and draws groups as one', () => {
    const errors = Array.from({ length: 40 }, (_, index) => ({ group: `${index % 4}`, error: index % 4 }));
    const { value, low, high } = rmsInterval(errors);
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
    expect(low).toBeLessThan(1.5);
  });
});
