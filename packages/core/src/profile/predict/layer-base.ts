import { leastSquares } from '../../search/least-squares.ts';
import { filledFlops, layerPath, type PlacedLayer } from './layer-features.ts';

/** A layer's time on an idle device, alone. */
export interface TimedLayer extends PlacedLayer {
  readonly seconds: number;
}

/** Seconds of a layer alone, or of one that shares the layout of its neighbours and pays for reordering only where they do not. */
export type LayerBase = (placed: PlacedLayer, company?: 'alone' | 'in company') => number;

/** No kernel is faster than this many cycles' worth of a call. */
const leastCycles = 1000;
/** Where a clock rate is unknown. */
const typicalHertz = 2e9;

/**
 * A linear cost for each way of computing: per call, operation (filled up to whole vectors), byte read, written, of weights and of the
 * unfolded input, none negative, fitted to relative errors; after Neurosurgeon (Kang et al. 2017), which has one a kind of layer. What
 * was never timed costs as all layers together do.
 */
export function fitLayerBase(rows: readonly TimedLayer[]): LayerBase {
  const paths = new Map<string, TimedLayer[]>();
  for (const row of rows) paths.set(layerPath(row.layer), [...(paths.get(layerPath(row.layer)) ?? []), row]);
  const costs = new Map([...paths].map(([path, own]) => [path, costsOf(own)]));
  const overall = costsOf(rows);
  return (placed, company = 'alone') => {
    const own = costs.get(layerPath(placed.layer)) ?? overall;
    const sum = termsOf(company === 'alone' ? placed : withoutReordering(placed)).reduce(
      (total, term, index) => total + term * (own[index] ?? 0),
      0,
    );
    return Math.max(sum, leastCycles / hertz(placed));
  };
}

function withoutReordering({ layer, device }: PlacedLayer): PlacedLayer {
  const inputBytes = layer.inputBytes - layer.keptInputBytes;
  const outputBytes = layer.outputBytes - layer.keptOutputBytes;
  return { layer: { ...layer, inputBytes, outputBytes }, device };
}

function costsOf(rows: readonly TimedLayer[]): number[] {
  const relative = rows.map((row) => termsOf(row).map((term) => term / row.seconds));
  return leastSquares({ rows: relative, targets: rows.map(() => 1) }, { nonNegative: true, sweeps: 500 });
}

const hertz = ({ device }: PlacedLayer): number => device.clockHertz ?? typicalHertz;

function termsOf(placed: PlacedLayer): number[] {
  const { layer, device } = placed;
  const unfolded =
    4 * layer.kernelHeight * layer.kernelWidth * layer.channels * layer.height * layer.width * layer.repeats;
  const bytes = [layer.inputBytes, layer.outputBytes, layer.parameterBytes, unfolded];
  return [
    leastCycles / hertz(placed),
    filledFlops(layer) / device.flopsPerSecond,
    ...bytes.map((each) => each / device.memoryBytesPerSecond),
  ];
}
