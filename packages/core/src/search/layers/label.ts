import { binClasses } from './bin-classes.ts';
import type { LayeredProblem } from './layered-problem.ts';

/** The start of a path: layers up to one that is in `bin`. */
export interface Label {
  readonly parent: Label | null;
  readonly bin: number;
  readonly costs: readonly number[];
  /** [bin]: the sum of what is kept there for good. */
  readonly sums: Float64Array;
  /** [bin]: the same plus the most that is needed for a time. */
  readonly totals: Float64Array;
}

/** A label whose loads are not worked out yet: those of its parent but for one bin. */
export interface Extension {
  readonly parent: Label | null;
  readonly layer: number;
  readonly bin: number;
  readonly costs: readonly number[];
  /** The sum of the costs × their weights. */
  readonly rank: number;
  /** Of `bin`. */
  readonly sum: number;
  readonly total: number;
}

/** Puts labels into further bins. Bins that are identical and loaded alike stand for each other: only the first is tried. */
export class Extender {
  readonly #problem: LayeredProblem;
  readonly #classes: Int32Array;
  readonly #weights: readonly number[];
  #tried = 0;

  constructor(problem: LayeredProblem, weights: readonly number[] = []) {
    this.#problem = problem;
    this.#classes = binClasses(problem);
    this.#weights = weights;
  }

  /** The sum of the costs × their weights that `extend` would give; +∞ where it gives null. */
  rank(parent: Label | null, layer: number, bin: number): number {
    const { bins, criteria, sums, peaks, capacities, work } = this.#problem;
    this.#tried += 1;
    const cell = layer * bins + bin;
    const kept = sums[cell] as number;
    const sum = (parent?.sums[bin] ?? 0) + kept;
    const total = Math.max((parent?.totals[bin] ?? 0) + kept, sum + (peaks[cell] as number));
    if (total > (capacities[bin] as number) || this.#hasTwin(parent, bin)) return Number.POSITIVE_INFINITY;
    let rank = 0;
    for (let criterion = 0; criterion < criteria; criterion++) {
      const step = this.#step(parent, layer, bin, criterion);
      const cost = (parent?.costs[criterion] ?? 0) + step + (work[cell * criteria + criterion] as number);
      if (cost === Number.POSITIVE_INFINITY) return cost;
      rank += cost * (this.#weights[criterion] ?? 1);
    }
    return rank;
  }

  /** The label (null: before the first layer) with `layer` in `bin`; null where that is impossible, too much or another bin's twin. */
  extend(parent: Label | null, layer: number, bin: number): Extension | null {
    const rank = this.rank(parent, layer, bin);
    return rank === Number.POSITIVE_INFINITY ? null : this.extension(parent, layer, bin, rank);
  }

  /** The same where the rank is known to be finite. */
  extension(parent: Label | null, layer: number, bin: number, rank: number): Extension {
    const { bins, criteria, sums, peaks, work } = this.#problem;
    const cell = layer * bins + bin;
    const kept = sums[cell] as number;
    const sum = (parent?.sums[bin] ?? 0) + kept;
    const total = Math.max((parent?.totals[bin] ?? 0) + kept, sum + (peaks[cell] as number));
    const costs: number[] = [];
    for (let criterion = 0; criterion < criteria; criterion++)
      costs.push(
        (parent?.costs[criterion] ?? 0) +
          this.#step(parent, layer, bin, criterion) +
          (work[cell * criteria + criterion] as number),
      );
    return { parent, layer, bin, costs, rank, sum, total };
  }

  /** How many labels were tried in how many bins, together. */
  get tried(): number {
    return this.#tried;
  }

  #step(parent: Label | null, layer: number, bin: number, criterion: number): number {
    const { bins, criteria, moves, entering } = this.#problem;
    return parent === null
      ? (entering[bin * criteria + criterion] as number)
      : (moves[(((layer - 1) * bins + parent.bin) * bins + bin) * criteria + criterion] as number);
  }

  #hasTwin(parent: Label | null, bin: number): boolean {
    const classes = this.#classes;
    const first = classes[bin] as number;
    if (first === bin || bin === parent?.bin) return false;
    for (let twin = first; twin < bin; twin++) {
      if (classes[twin] !== first || twin === parent?.bin) continue;
      if (parent === null) return true;
      if (parent.sums[twin] === parent.sums[bin] && parent.totals[twin] === parent.totals[bin]) return true;
    }
    return false;
  }

  labelOf({ parent, bin, costs, sum, total }: Extension): Label {
    const { bins } = this.#problem;
    const sums = parent === null ? new Float64Array(bins) : parent.sums.slice();
    const totals = parent === null ? new Float64Array(bins) : parent.totals.slice();
    sums[bin] = sum;
    totals[bin] = total;
    return { parent, bin, costs, sums, totals };
  }
}

/**
 * Whether whatever follows the right one may as well follow the left one, both in the same bin after the same layer: nowhere more cost,
 * and in no bin more kept or more in total. (The load after more layers is the larger of total + their sum and sum + theirs.)
 */
export function dominates(left: Label, right: Extension): boolean {
  for (let index = 0; index < left.costs.length; index++)
    if ((left.costs[index] as number) > (right.costs[index] as number)) return false;
  if ((left.sums[right.bin] as number) > right.sum || (left.totals[right.bin] as number) > right.total)
    return false;
  const { parent } = right;
  for (let bin = 0; bin < left.sums.length; bin++) {
    if (bin === right.bin) continue;
    if ((left.sums[bin] as number) > (parent?.sums[bin] ?? 0)) return false;
    if ((left.totals[bin] as number) > (parent?.totals[bin] ?? 0)) return false;
  }
  return true;
}

/** The bins of all layers up to the label's. */
export function binsOf(label: Label): readonly number[] {
  const bins: number[] = [];
  for (let at: Label | null = label; at !== null; at = at.parent) bins.push(at.bin);
  return bins.reverse();
}
