import { describe, expect, it } from 'vitest';
import { exampleCluster } from '../../cluster/example-cluster.ts';
import { randomGraph } from '../../graph/random-graph.ts';
import { createRandom } from '../../random.ts';
import { bytes, bytesPerSecond, flopsPerSecond, hertz, seconds } from '../../units.ts';
import { featureNames, featuresOf, kindwiseRoofline } from './features.ts';
import { predictors } from './predictors.ts';
import { segmentWork, workOfLayers } from './segment-work.ts';
import { type DeviceTraits, deviceTraits, type PlacedSegment, type TimedSegment } from './timed-segment.ts';

const device = (speed: number): DeviceTraits => ({
  threads: 1,
  flopsPerSecond: flopsPerSecond(speed * 1e9),
  memoryBytesPerSecond: bytesPerSecond(1e9),
  clockHertz: null,
  operationsPerCycle: null,
  outOfOrder: null,
  cacheBytes: null,
});

const segment = (gigaflops: number, speed: number): PlacedSegment => ({
  work: workOfLayers([
    { kind: 'convolution', flops: gigaflops * 1e9, inputBytes: 1000, outputBytes: 2000, parameterBytes: 500 },
    { kind: 'other', flops: 10, inputBytes: 2000, outputBytes: 2000, parameterBytes: 0 },
  ]),
  device: device(speed),
});

/** Twice the roofline, everywhere. */
const rows: readonly TimedSegment[] = [1, 2, 4, 8, 16, 32].flatMap((gigaflops) =>
  [1, 3, 9].map((speed) => {
    const placed = segment(gigaflops, speed);
    return { ...placed, seconds: seconds(2 * kindwiseRoofline(placed)) };
  }),
);

describe('featuresOf', () => {
  it('gives each name a number and leaves out only what needs the micro-architecture', () => {
    const values = featuresOf(segment(1, 1));
    const missing = featureNames.filter((_, index) => Number.isNaN(values[index]));
    expect(values).toHaveLength(featureNames.length);
    expect(missing).toEqual([
      'clockHertz',
      'operationsPerCycle',
      'outOfOrderFlag',
      'cacheBytes',
      'parametersPerCacheShare',
      'largestLayerPerCacheShare',
    ]);
  });

  it('ends each name in its unit', () => {
    for (const name of featureNames)
      expect(name).toMatch(
        /(layers|flops|Bytes|Byte|Share|threads|Second|Hertz|Cycle|Flag|Seconds|Balance|Thread)$/,
      );
  });
});

describe('predictors', () => {
  it.each(Object.entries(predictors))(
    '%s learns a law that the roofline holds but for a constant',
    (_, predictor) => {
      const predict = predictor.fit(rows, createRandom(1));
      for (const row of rows) {
        const ratio = predict(row) / row.seconds;
        expect(ratio).toBeGreaterThan(0.3);
        expect(ratio).toBeLessThan(3);
      }
      expect(predictor.source).toBe('predicted');
    },
  );

  it.each(['flops-peak', 'roofline', 'per-layer-type'] as const)(
    '%s carries the law to sizes never seen',
    (name) => {
      const placed = segment(1000, 20);
      const predict = predictors[name].fit(rows, createRandom(1));
      expect(predict(placed) / (2 * kindwiseRoofline(placed))).toBeCloseTo(1, 2);
    },
  );

  it.each(Object.entries(predictors))(
    '%s gives the same answer for the same seed and refuses no rows',
    (_, predictor) => {
      const once = predictor.fit(rows, createRandom(4));
      const again = predictor.fit(rows, createRandom(4));
      expect(once(segment(3, 2))).toBe(again(segment(3, 2)));
      expect(() => predictor.fit([], createRandom(1))).toThrow('no timings');
    },
  );
});

describe('segmentWork', () => {
  it('adds up over the parts of a graph where nothing is fused across them', () => {
    const graph = randomGraph(createRandom(3), { kind: 'chain', nodes: 6 });
    const ids = graph.nodes.filter(({ foldedInto }) => foldedInto === null).map(({ id }) => id);
    const whole = segmentWork(graph, ids);
    const parts = ids.map((id) => segmentWork(graph, [id]));
    const layers = (work: typeof whole): number =>
      Object.values(work.kinds).reduce((sum, kind) => sum + kind.layers, 0);
    expect(parts.reduce((sum, part) => sum + part.parameterBytes, 0)).toBe(whole.parameterBytes);
    expect(layers(whole)).toBeLessThanOrEqual(parts.reduce((sum, part) => sum + layers(part), 0));
    expect(layers(whole)).toBeGreaterThan(0);
  });
});

describe('deviceTraits', () => {
  const [board] = exampleCluster().devices;
  if (board === undefined) throw new Error('the example has no device');

  it('takes clock, vectors and cache where they are known', () => {
    const known = deviceTraits({
      ...board,
      frequencies: { kind: 'levels', levelsHertz: [hertz(6e8), hertz(15e8)] },
      microarchitecture: { simdBits: 128, fmaUnits: 2, level2Bytes: bytes(1e6) },
    });
    expect(known).toMatchObject({
      clockHertz: 15e8,
      operationsPerCycle: 16,
      cacheBytes: 1e6,
      outOfOrder: null,
    });
  });

  it('says null where a cluster file says nothing', () => {
    const { frequencies: _, microarchitecture: __, ...plain } = board;
    expect(deviceTraits(plain)).toMatchObject({
      flopsPerSecond: board.flopsPerSecond,
      clockHertz: null,
      operationsPerCycle: null,
      cacheBytes: null,
    });
  });
});
