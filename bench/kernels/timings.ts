import {
  bytes,
  bytesPerSecond,
  type DeviceTraits,
  flopsPerSecond,
  layerShapes,
  quantile,
  type SegmentWork,
  seconds,
  segmentWork,
  type TimedLayer,
  type TimedLayers,
  type TimedSegment,
} from '@tandem/core';
import type { Collection } from './collect.ts';
import type { Subject } from './subjects.ts';

/** A subject with its time, as the different predictors want to see it. */
export interface Timing extends TimedLayers, TimedSegment {
  readonly name: string;
  readonly kind: Subject['kind'];
  readonly families: readonly string[];
  /** What is drawn as one for intervals: the kernel itself, or a segment's network. */
  readonly group: string;
  readonly work: SegmentWork;
  readonly seconds: TimedSegment['seconds'];
  readonly passes: readonly number[];
}

/**
 * What is assumed of the machine that measures. All timings are of this one machine and every predictor fits its own constants, so
 * these figures only set the scale.
 */
export const benchTraits = (threads: number): DeviceTraits => ({
  threads,
  flopsPerSecond: flopsPerSecond(threads * 80e9),
  memoryBytesPerSecond: bytesPerSecond(10e9),
  clockHertz: 2.5e9,
  operationsPerCycle: 32,
  outOfOrder: true,
  cacheBytes: bytes(32 * 2 ** 20),
});

/** The truth of each subject is the median over the passes. */
export function timingsOf({ subjects, passes }: Collection, device: DeviceTraits): Timing[] {
  return subjects.map(({ name, kind, families, network, graph, nodes }) => {
    const own = passes.map((pass) => pass[name] ?? Number.NaN);
    return {
      name,
      kind,
      families,
      group: network ?? name,
      layers: layerShapes(graph, nodes),
      work: segmentWork(graph, nodes),
      device,
      seconds: seconds(quantile(own, 0.5)),
      passes: own,
    };
  });
}

/** The timings that are of one layer. */
export const singleLayers = (timings: readonly Timing[]): TimedLayer[] =>
  timings.flatMap(({ kind, layers: [layer, ...others], device, seconds: time }) =>
    kind === 'kernel' && layer !== undefined && others.length === 0 ? [{ layer, device, seconds: time }] : [],
  );
