import { leastSquares } from '../../search/least-squares.ts';
import { layerKinds } from './segment-work.ts';
import type { PlacedSegment, TimedSegment } from './timed-segment.ts';

/** One cost a term of `layerTerms`, JSON-able. A segment's time is the sum, so layers add up. */
export type LayerCosts = readonly number[];

/** Costs that cannot be negative and that minimise the squared relative error, then centre the logarithms of the errors. */
export function fitLayerCosts(rows: readonly TimedSegment[]): LayerCosts {
  const relative = rows.map((row) => layerTerms(row).map((term) => term / row.seconds));
  const costs = leastSquares(
    { rows: relative, targets: rows.map(() => 1) },
    { nonNegative: true, sweeps: 400 },
  );
  const errors = rows.map((row) => Math.log(row.seconds / layerCostSeconds(costs, row)));
  const factor = Math.exp(errors.reduce((sum, error) => sum + error, 0) / errors.length);
  return costs.map((cost) => factor * cost);
}

/** Above zero even where nothing is computed. */
export function layerCostSeconds(costs: LayerCosts, segment: PlacedSegment): number {
  return layerTerms(segment).reduce((sum, term, index) => sum + term * (costs[index] ?? 0), Number.MIN_VALUE);
}

/** For each kind: operations over rate, bytes over bandwidth; then what every layer costs. */
function layerTerms({ work, device }: PlacedSegment): number[] {
  const kinds = layerKinds.map((kind) => work.kinds[kind]);
  const layers = kinds.reduce((sum, kind) => sum + kind.layers, 0);
  return [
    ...kinds.map((kind) => kind.flops / device.flopsPerSecond),
    ...kinds.map((kind) => kind.bytesMoved / device.memoryBytesPerSecond),
    layers / (device.clockHertz ?? typicalHertz),
  ];
}

/** Only the cost of a layer as such is scaled by the clock; where that is unknown, 2 GHz. */
const typicalHertz = 2e9;
