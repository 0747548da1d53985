import { InvalidInputError } from '../../errors.ts';

/**
 * Layers 0 … layers − 1 are each put into one of the bins, in order. A bin's load is the sum of what its layers keep there for good
 * plus the most that one of them needs for a time, wherever in the order they are; it must not exceed the bin's capacity. Costs are at
 * least 0, of several criteria, and add up; +∞ = impossible. Arrays are row-major over the indices named.
 */
export interface LayeredProblem {
  readonly layers: number;
  readonly bins: number;
  readonly criteria: number;
  /** [layer, bin, criterion]: of the layer in the bin. */
  readonly work: Float64Array;
  /** [layer − 1, from, to, criterion]: between a layer's predecessor and the layer, from the second on. */
  readonly moves: Float64Array;
  /** [bin, criterion]: before the first layer. */
  readonly entering: Float64Array;
  /** [bin, criterion]: after the last layer. */
  readonly leaving: Float64Array;
  /** [layer, bin]: kept for good. */
  readonly sums: Float64Array;
  /** [layer, bin]: needed for a time. */
  readonly peaks: Float64Array;
  /** [bin]. */
  readonly capacities: Float64Array;
}

/** One bin a layer, and what that costs in each criterion. */
export interface LayeredPath {
  readonly bins: readonly number[];
  readonly costs: readonly number[];
}

/** Throws InvalidInputError for an array of the wrong length or a cost or load that is below 0 or not a number. */
export function requireLayered(problem: LayeredProblem): void {
  const { layers, bins, criteria } = problem;
  const lengths = {
    work: layers * bins * criteria,
    moves: (layers - 1) * bins * bins * criteria,
    entering: bins * criteria,
    leaving: bins * criteria,
    sums: layers * bins,
    peaks: layers * bins,
    capacities: bins,
  };
  if (![layers, bins, criteria].every((count) => Number.isInteger(count) && count > 0)) {
    throw new InvalidInputError(
      `A search over ${layers} layers, ${bins} bins and ${criteria} criteria was asked for.`,
      'Give at least one of each.',
    );
  }
  for (const name of Object.keys(lengths) as (keyof typeof lengths)[]) {
    const values = problem[name];
    const wrong = values.find((value) => !(value >= 0));
    if (values.length === lengths[name] && wrong === undefined) continue;
    throw new InvalidInputError(
      `\`${name}\` has ${values.length} numbers${wrong === undefined ? '' : `, one of them ${wrong}`}; ${lengths[name]} of at least 0 are needed.`,
      'Use +∞ for what is impossible.',
    );
  }
}

/** The same problem with one criterion: the sum of the criteria × their weights. What is impossible stays so at weight 0. */
export function scalarised(problem: LayeredProblem, weights: readonly number[]): LayeredProblem {
  const { criteria } = problem;
  const merged = (values: Float64Array): Float64Array =>
    Float64Array.from({ length: values.length / criteria }, (_, row) => {
      let sum = 0;
      for (let criterion = 0; criterion < criteria; criterion++) {
        const value = values[row * criteria + criterion] ?? 0;
        sum += value === Number.POSITIVE_INFINITY ? value : value * (weights[criterion] ?? 0);
      }
      return sum;
    });
  return {
    ...problem,
    criteria: 1,
    work: merged(problem.work),
    moves: merged(problem.moves),
    entering: merged(problem.entering),
    leaving: merged(problem.leaving),
  };
}

/** What a choice of bins costs in each criterion, whether or not it fits. O(layers × criteria). */
export function pathCosts(problem: LayeredProblem, chosen: readonly number[]): readonly number[] {
  const { bins, criteria } = problem;
  return Array.from({ length: criteria }, (_, criterion) => {
    const at = (values: Float64Array, row: number): number => values[row * criteria + criterion] ?? 0;
    let sum = 0;
    for (const [layer, bin] of chosen.entries()) {
      const before = chosen[layer - 1];
      sum +=
        before === undefined
          ? at(problem.entering, bin)
          : at(problem.moves, ((layer - 1) * bins + before) * bins + bin);
      sum += at(problem.work, layer * bins + bin);
    }
    return sum + at(problem.leaving, chosen.at(-1) ?? 0);
  });
}
