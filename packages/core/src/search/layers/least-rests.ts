import type { LayeredProblem } from './layered-problem.ts';

/** [layer, bin]: the least cost of all that follows the layer in the bin, whatever the loads. O(layers × bins²). */
export function leastRests({ layers, bins, work, moves, leaving }: LayeredProblem): Float64Array {
  const rest = new Float64Array(layers * bins);
  rest.set(leaving, (layers - 1) * bins);
  for (let layer = layers - 2; layer >= 0; layer--) {
    for (let from = 0; from < bins; from++) {
      let least = Number.POSITIVE_INFINITY;
      for (let to = 0; to < bins; to++) {
        const next = (layer + 1) * bins + to;
        const move = moves[(layer * bins + from) * bins + to] ?? 0;
        least = Math.min(least, move + (work[next] ?? 0) + (rest[next] ?? 0));
      }
      rest[layer * bins + from] = least;
    }
  }
  return rest;
}

/** The same knowing nothing but what leaving costs. */
export function noRests({ layers, bins, leaving }: LayeredProblem): Float64Array {
  const rest = new Float64Array(layers * bins);
  rest.set(leaving, (layers - 1) * bins);
  return rest;
}
