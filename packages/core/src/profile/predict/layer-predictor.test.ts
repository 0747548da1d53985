import { describe, expect, it } from 'vitest';
import { graphOf } from '../../graph/graph-of.ts';
import { randomGraph } from '../../graph/random-graph.ts';
import { createModelBuilder } from '../../onnx/build.ts';
import { zeroRange } from '../../onnx/byte-source.ts';
import { createRandom } from '../../random.ts';
import { bytes, bytesPerSecond, flopsPerSecond } from '../../units.ts';
import { zooModel } from '../../zoo/zoo.ts';
import type { TimedLayer } from './layer-base.ts';
import { layerPath } from './layer-features.ts';
import { fitLayerPredictor } from './layer-predictor.ts';
import { layerShapes } from './layer-shapes.ts';

const device = {
  threads: 1,
  flopsPerSecond: flopsPerSecond(5e10),
  memoryBytesPerSecond: bytesPerSecond(1e10),
  clockHertz: 2e9,
  operationsPerCycle: null,
  outOfOrder: null,
  cacheBytes: bytes(2 ** 20),
};

const graph = graphOf(zooModel('mobilenet-v2', { batch: 1, resolution: 64 }));
const all = graph.nodes.map(({ id }) => id);
const layers = layerShapes(graph, all);
const lawful = (factor: number): TimedLayer[] =>
  layers.map((layer) => ({ layer, device, seconds: factor * (1e-5 + layer.flops / 4e10) }));

describe('layerShapes', () => {
  it('counts every operation of a network but those that are fused', () => {
    const convolutions = graph.nodes.filter(({ op }) => op === 'Conv').length;
    const running = layers.map(({ operator }) => operator);
    expect(running.filter((operator) => operator === 'Conv')).toHaveLength(convolutions);
    expect(new Set(running)).toEqual(new Set(['Conv', 'GlobalAveragePool', 'Gemm']));
  });

  it.each([
    ['GELU spelt out', 'vit-b-16', 'Erf', 12],
    ['biases of products', 'vit-b-16', 'MatMul', 72],
  ] as const)('takes %s for one layer', (_, name, operator, count) => {
    const vit = graphOf(zooModel(name, { batch: 1, resolution: 32 }));
    const shapes = layerShapes(
      vit,
      vit.nodes.map(({ id }) => id),
    );
    expect(shapes.filter((shape) => shape.operator === operator)).toHaveLength(count);
    expect(shapes.some((shape) => shape.operator === 'Div' || shape.operator === 'Reshape')).toBe(false);
  });

  it('keeps layouts inside the set and nowhere else', () => {
    const [first] = layerShapes(graph, all);
    const [alone] = layerShapes(graph, [0]);
    expect(alone).toMatchObject({ keptInputBytes: 0, keptOutputBytes: 0, innerBytes: 0 });
    expect(first?.keptOutputBytes).toBe(first?.outputBytes);
    expect(first?.keptInputBytes).toBe(0);
  });

  it('takes any part of any graph', () => {
    const random = randomGraph(createRandom(4), { kind: 'general', nodes: 20 });
    for (let size = 0; size <= 20; size++)
      expect(
        layerShapes(
          random,
          random.nodes.slice(0, size).map(({ id }) => id),
        ).length,
      ).toBeLessThanOrEqual(size);
  });
});

describe('layerPath', () => {
  it.each([
    [32, 64, 1, 'convolution in blocks'],
    [3, 64, 1, 'convolution of an image'],
    [33, 64, 1, 'convolution unfolded'],
    [32, 32, 32, 'depthwise in blocks'],
    [33, 33, 33, 'depthwise one by one'],
    [32, 32, 2, 'groups in blocks'],
    [32, 32, 4, 'groups unfolded'],
  ])('of %i to %i channels in %i groups: %s', (channels, out, group, path) => {
    const onnx = createModelBuilder({ name: 'one' });
    const x = onnx.input('x', 'float32', [1, channels, 8, 8]);
    const weights = zeroRange((4 * out * channels) / group);
    const w = onnx.initializer('w', 'float32', [out, channels / group, 1, 1], weights);
    onnx.output(onnx.node('Conv', [x, w], { group, kernel_shape: [1, 1] }, 'y'), 'float32', [1, out, 8, 8]);
    const [layer] = layerShapes(graphOf(onnx.build()), [0]);
    expect(layer === undefined ? null : layerPath(layer)).toBe(path);
  });
});

describe('fitLayerPredictor', () => {
  const options = { models: 1, trees: 60 };

  it('learns a law of sizes', () => {
    const rows = lawful(1);
    const learned = fitLayerPredictor(rows, [], createRandom(1), options);
    for (const row of rows) expect(Math.abs(Math.log(learned.layer(row) / row.seconds))).toBeLessThan(0.3);
  });

  it('scales with its timings', () => {
    const [once, twice] = [1, 2].map((factor) =>
      fitLayerPredictor(lawful(factor), [], createRandom(1), options),
    );
    const placed = { layer: layers[3] ?? lawful(1)[0]?.layer, device };
    if (placed.layer === undefined) throw new Error('the network has no layers');
    const at = { layer: placed.layer, device };
    expect((twice?.layer(at) ?? 0) / (once?.layer(at) ?? 1)).toBeCloseTo(2, 1);
  });

  it('corrects the sum of layers by what segments took', () => {
    const parts = Array.from({ length: 12 }, (_, index) => layers.slice(index, index + 8));
    const sum = fitLayerPredictor(lawful(1), [], createRandom(1), options);
    const timed = parts.map((part) => ({
      layers: part,
      device,
      seconds: 0.6 * sum.segment(part, device),
    }));
    const corrected = fitLayerPredictor(lawful(1), timed, createRandom(1), options);
    const part = layers.slice(2, 12);
    expect(corrected.segment(part, device) / sum.segment(part, device)).toBeLessThan(0.75);
    expect(corrected.segment([], device)).toBe(0);
  });

  it('gives the same answer for the same seed and refuses no rows', () => {
    const [one, two] = [7, 7].map((seed) => fitLayerPredictor(lawful(1), [], createRandom(seed), options));
    expect(one?.segment(layers, device)).toBe(two?.segment(layers, device));
    expect(() => fitLayerPredictor([], [], createRandom(1))).toThrow('no timed layers');
  });
});
