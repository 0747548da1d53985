import { type LayerKind, layerKinds, type SegmentWork } from './segment-work.ts';
import type { DeviceTraits, PlacedSegment } from './timed-segment.ts';

type Feature = (segment: PlacedSegment) => number;

export const totalFlops = (work: SegmentWork): number =>
  layerKinds.reduce((sum, kind) => sum + work.kinds[kind].flops, 0);

const totalBytesMoved = (work: SegmentWork): number =>
  layerKinds.reduce((sum, kind) => sum + work.kinds[kind].bytesMoved, 0);

const totalLayers = (work: SegmentWork): number =>
  layerKinds.reduce((sum, kind) => sum + work.kinds[kind].layers, 0);

/** Σ over kinds of max(operations / rate, bytes / bandwidth): Williams et al. 2009, kind by kind. */
export function kindwiseRoofline({ work, device }: PlacedSegment): number {
  return layerKinds.reduce((sum, kind) => sum + kindSeconds(work, device, kind), 0);
}

function kindSeconds(work: SegmentWork, device: DeviceTraits, kind: LayerKind): number {
  const { flops, bytesMoved } = work.kinds[kind];
  return Math.max(flops / device.flopsPerSecond, bytesMoved / device.memoryBytesPerSecond);
}

const flopShare =
  (kind: LayerKind): Feature =>
  ({ work }) =>
    work.kinds[kind].flops / totalFlops(work);

/** A missing figure is NaN, which the learners treat as a value of its own; so is a share of nothing. */
const known = (value: number | boolean | null): number => (value === null ? Number.NaN : Number(value));

/** Network, micro-architecture, and the two fused: the three groups of COINFER's predictor. The unit of each ends its name. */
const features = {
  layers: ({ work }) => totalLayers(work),
  flops: ({ work }) => totalFlops(work),
  parameterBytes: ({ work }) => work.parameterBytes,
  activationBytes: ({ work }) => work.activationBytes,
  largestLayerBytes: ({ work }) => work.largestLayerBytes,
  flopsPerByte: ({ work }) => totalFlops(work) / totalBytesMoved(work),
  convolutionFlopsShare: flopShare('convolution'),
  pointwiseFlopsShare: flopShare('pointwise'),
  depthwiseFlopsShare: flopShare('depthwise'),
  matrixFlopsShare: flopShare('matrix'),
  otherBytesShare: ({ work }) => work.kinds.other.bytesMoved / totalBytesMoved(work),
  depthwiseBytesShare: ({ work }) => work.kinds.depthwise.bytesMoved / totalBytesMoved(work),

  threads: ({ device }) => device.threads,
  flopsPerSecond: ({ device }) => device.flopsPerSecond,
  memoryBytesPerSecond: ({ device }) => device.memoryBytesPerSecond,
  clockHertz: ({ device }) => known(device.clockHertz),
  operationsPerCycle: ({ device }) => known(device.operationsPerCycle),
  outOfOrderFlag: ({ device }) => known(device.outOfOrder),
  cacheBytes: ({ device }) => known(device.cacheBytes),

  computeSeconds: ({ work, device }) => totalFlops(work) / device.flopsPerSecond,
  memorySeconds: ({ work, device }) => totalBytesMoved(work) / device.memoryBytesPerSecond,
  rooflineSeconds: kindwiseRoofline,
  flopsPerByteOverBalance: ({ work, device }) =>
    (totalFlops(work) / totalBytesMoved(work)) * (device.memoryBytesPerSecond / device.flopsPerSecond),
  parametersPerCacheShare: ({ work, device }) => work.parameterBytes / known(device.cacheBytes),
  largestLayerPerCacheShare: ({ work, device }) => work.largestLayerBytes / known(device.cacheBytes),
  flopsPerThread: ({ work, device }) => totalFlops(work) / device.threads,
} satisfies Record<string, Feature>;

/** In the order of `featuresOf`. */
export const featureNames: readonly string[] = Object.keys(features);

const list: readonly Feature[] = Object.values(features);

/** The features of a segment on a device, one number a name of `featureNames`, NaN where a figure is unknown. */
export function featuresOf(segment: PlacedSegment): number[] {
  return list.map((feature) => feature(segment));
}
