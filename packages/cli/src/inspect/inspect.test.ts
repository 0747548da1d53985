import {
  createModelBuilder,
  exampleCluster,
  type Graph,
  graphOf,
  parseCluster,
  zooModel,
  zooNames,
} from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { shortName } from '../short-name.ts';
import { activationChart } from './activation-chart.ts';
import { summariseGraph } from './graph-summary.ts';
import { inspectJson } from './inspect-json.ts';
import { inspectText } from './inspect-text.ts';
import { summariseMemory } from './memory-summary.ts';
import { memoryText } from './memory-text.ts';

/** x → Mul by 4 weights → (Relu, Neg) → Add → Relu, all of [1, 4]: three tensors are held at once when two meet. */
function diamond(): Graph {
  const builder = createModelBuilder({ name: 'diamond', opset: 17 });
  const x = builder.input('x', 'float32', [1, 4]);
  const scale = builder.initializer('scale', 'float32', [4], [1, 2, 3, 4]);
  const a = builder.node('Mul', [x, scale], {}, 'scaled');
  const b = builder.node('Relu', [a], {}, 'left');
  const c = builder.node('Neg', [a], {}, 'right');
  const d = builder.node('Add', [b, c], {}, 'joined');
  builder.output(builder.node('Relu', [d], {}, 'out'), 'float32', [1, 4]);
  return graphOf(builder.build());
}

describe('inspectJson', () => {
  it('counts a small model', () => {
    expect(inspectJson(diamond())).toEqual({
      model: 'diamond',
      opset: 17,
      nodes: 5,
      parameters: 4,
      parameterBytes: 16,
      flops: 20,
      singleTensorCuts: 2,
      inputs: [{ name: 'x', type: 'float32', shape: [1, 4] }],
      outputs: [{ name: 'out', type: 'float32', shape: [1, 4] }],
      peakMemoryBytes: 16 + 3 * 16,
    });
  });

  it.each([
    ['alexnet', 61_100_840],
    ['googlenet', 6_624_904],
    ['vit-b-16', 86_567_656],
  ])('counts the parameters of %s', (name, parameters) => {
    expect(inspectJson(graphOf(zooModel(name, { batch: 1 }))).parameters).toBe(parameters);
  });
});

describe('inspectText', () => {
  it.each(zooNames)('of %s stays within 100 columns', (name) => {
    const lines = inspectText(summariseGraph(graphOf(zooModel(name, { batch: 1 })))).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it('lists layers, chart and totals', () => {
    const text = inspectText(summariseGraph(diamond()));
    expect(text).toContain('  scaled  Mul          1x4   4.00 FLOP           4');
    expect(text).toContain('single-tensor cuts  2');
    expect(text).toContain('input               x float32 1x4');
  });
});

describe('memoryText', () => {
  it.each(zooNames)('of %s stays within 100 columns', (name) => {
    const graph = graphOf(zooModel(name, { batch: 1 }));
    const { layers } = summariseGraph(graph);
    const lines = memoryText(summariseMemory(graph, exampleCluster()), layers).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it('says what fits where, and at which layer a device overflows', () => {
    const graph = graphOf(zooModel('vgg16', { batch: 1 }));
    const cluster = parseCluster({
      name: 'desk',
      hosts: [{ id: 'pi', memoryGigabytes: 0.51 }],
      devices: [{ id: 'pi', host: 'pi', kind: 'cpu', gigaflopsPerSecond: 8, memoryGigabytesPerSecond: 3 }],
    });
    const memory = summariseMemory(graph, cluster);
    expect(memory.devices[0]).toMatchObject({
      front: { overflowsAt: 'classifier/fc2' },
      capacityBytes: 5.1e8,
    });
    const text = memoryText(memory, summariseGraph(graph).layers);
    expect(text).toMatch(/ pi +510 MB +553 MB +32\.7 MB +0 B +586 MB +115 % +553 MB/);
    expect(text).toContain("from the front, 34 nodes fit, as far as 'classifier/fc1/relu' (503 MB)");
    expect(text).toContain("it overflows at 'classifier/fc2': that takes 570 MB of 510 MB");
    expect(text).toContain("of live tensors, while 'features/stage1/conv1/relu' runs");
  });
});

describe('activationChart', () => {
  const layer = { op: 'Relu', shape: [1], flops: 0, parameters: 0, folded: false, cutAfter: false };

  it('draws logarithmic bars and marks the cuts', () => {
    const chart = activationChart([
      { ...layer, name: 'small', outputBytes: 10 },
      { ...layer, name: 'middle', outputBytes: 1000, cutAfter: true },
      { ...layer, name: 'folded', outputBytes: 5, folded: true },
      { ...layer, name: 'large', outputBytes: 100_000 },
      { ...layer, name: 'nothing', outputBytes: 0 },
    ]);
    const bars = chart
      .split('\n')
      .map((line) => [line.trim().split(' ')[0], line.split('█').length - 1, line.endsWith('<')]);
    expect(bars).toEqual([
      ['Size', 0, false],
      ['small', 1, false],
      ['middle', 23, true],
      ['large', 44, false],
      ['nothing', 0, false],
    ]);
    expect(chart).toContain('logarithmic scale from 10.0 B to 100 kB');
  });

  it('draws full bars when all outputs are of one size, and says when there is none', () => {
    expect(activationChart([{ ...layer, name: 'only', outputBytes: 10 }])).toContain('█'.repeat(44));
    expect(activationChart([])).toBe('No layer has an output.');
  });
});

describe('shortName', () => {
  it.each([
    ['short', 'short'],
    ['exactly-10', 'exactly-10'],
    ['much/longer/name', 'much/…name'],
    ['\u001b[31m', '?[31m'],
  ])('shows %j as %j', (name, expected) => {
    expect(shortName(name, 10)).toBe(expected);
  });
});
