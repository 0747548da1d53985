import type { LayeredProblem } from './layered-problem.ts';

/**
 * For each bin the first bin that it is identical to (perhaps itself): swapping the two changes no cost, load or capacity.
 * O(bins² × layers × criteria) where few are identical, × bins at most.
 */
export function binClasses(problem: LayeredProblem): Int32Array {
  const classes = new Int32Array(problem.bins);
  for (let bin = 0; bin < problem.bins; bin++) {
    classes[bin] = bin;
    for (let earlier = 0; earlier < bin; earlier++) {
      if (classes[earlier] !== earlier || !areIdentical(problem, earlier, bin)) continue;
      classes[bin] = earlier;
      break;
    }
  }
  return classes;
}

function areIdentical(problem: LayeredProblem, left: number, right: number): boolean {
  const { layers, bins, criteria, work, sums, peaks, capacities, entering, leaving } = problem;
  const same = (values: Float64Array, row: number, width: number): boolean =>
    equalRuns(values, (row * bins + left) * width, (row * bins + right) * width, width);
  if (!same(capacities, 0, 1) || !same(entering, 0, criteria) || !same(leaving, 0, criteria)) return false;
  for (let layer = 0; layer < layers; layer++)
    if (!same(work, layer, criteria) || !same(sums, layer, 1) || !same(peaks, layer, 1)) return false;
  return movesAlike(problem, left, right);
}

function movesAlike({ layers, bins, criteria, moves }: LayeredProblem, left: number, right: number): boolean {
  const swapped = (bin: number): number => (bin === left ? right : bin === right ? left : bin);
  const alike = (layer: number, from: number, to: number): boolean => {
    const place = (a: number, b: number): number => ((layer * bins + a) * bins + b) * criteria;
    return equalRuns(moves, place(from, to), place(swapped(from), swapped(to)), criteria);
  };
  for (let layer = 0; layer < layers - 1; layer++)
    for (let bin = 0; bin < bins; bin++)
      if (!alike(layer, left, bin) || !alike(layer, bin, left)) return false;
  return true;
}

function equalRuns(values: Float64Array, left: number, right: number, length: number): boolean {
  for (let index = 0; index < length; index++)
    if (values[left + index] !== values[right + index]) return false;
  return true;
}
