/** Rows of features with the class of each, and how many classes there are. */
export interface ClassifiedRows {
  /** [rows, columns], row-major. */
  readonly features: Float32Array;
  readonly columns: number;
  /** By row, 0 to `count` − 1. */
  readonly classes: readonly number[];
  readonly count: number;
}

export interface SoftmaxOptions {
  /** Weight of half the squared coefficients, for features of deviation 1. @default 0.001 */
  readonly ridge?: number;
  /** @default 300 */
  readonly steps?: number;
}

/**
 * Multinomial logistic regression: [classes, columns + 1] coefficients, the last of each row its constant, that nearly minimise the mean
 * cross-entropy + ridge. Steps of the accelerated gradient of Nesterov (1983) on standardised columns, from zero, each 1 / L long: nothing is
 * drawn at random. O(steps × rows × columns × classes).
 */
export function softmaxRegression(data: ClassifiedRows, options: SoftmaxOptions = {}): number[][] {
  const { ridge = 1e-3, steps = 300 } = options;
  const { rows, means, scales } = standardised(data);
  const width = data.columns + 1;
  // The Hessian of the softmax is at most 1/2, times the rows' largest second moment.
  const step = 1 / (0.5 * largestMoment(rows, width) + ridge);
  let weights = new Float64Array(data.count * width);
  let ahead = weights.slice();
  for (let count = 0; count < steps; count++) {
    const gradient = gradientAt(ahead, rows, width, data.classes);
    const next = ahead.map((value, at) => value - step * ((gradient[at] ?? 0) + ridge * value));
    const momentum = count / (count + 3);
    const last = weights;
    ahead = next.map((value, at) => value + momentum * (value - (last[at] ?? 0)));
    weights = next;
  }
  return Array.from({ length: data.count }, (_, row) =>
    unscaled(weights.subarray(row * width, (row + 1) * width), means, scales),
  );
}

/** The most likely class of a row of features, and how likely the coefficients say that it is. */
export function softmaxAnswer(
  weights: readonly (readonly number[])[],
  features: ArrayLike<number>,
): { readonly row: number; readonly confidence: number } {
  const scores = weights.map((own) => {
    let sum = own[features.length] ?? 0;
    for (let at = 0; at < features.length; at++) sum += (own[at] ?? 0) * (features[at] ?? 0);
    return sum;
  });
  const largest = Math.max(...scores);
  const total = scores.reduce((sum, score) => sum + Math.exp(score - largest), 0);
  return { row: scores.indexOf(largest), confidence: 1 / total };
}

interface Standardised {
  /** [rows, columns + 1], the last column ones. */
  readonly rows: Float64Array;
  readonly means: Float64Array;
  readonly scales: Float64Array;
}

/** Columns of mean 0 and deviation 1; those that never change become 0. */
function standardised({ features, columns, classes }: ClassifiedRows): Standardised {
  const count = classes.length;
  const means = new Float64Array(columns);
  const scales = new Float64Array(columns);
  for (let column = 0; column < columns; column++) {
    let sum = 0;
    let squares = 0;
    for (let row = 0; row < count; row++) sum += features[row * columns + column] ?? 0;
    const mean = sum / Math.max(1, count);
    for (let row = 0; row < count; row++) squares += ((features[row * columns + column] ?? 0) - mean) ** 2;
    means[column] = mean;
    scales[column] = squares > 0 ? Math.sqrt(count / squares) : 0;
  }
  const width = columns + 1;
  const rows = new Float64Array(count * width).fill(1);
  for (let row = 0; row < count; row++)
    for (let column = 0; column < columns; column++)
      rows[row * width + column] =
        ((features[row * columns + column] ?? 0) - (means[column] ?? 0)) * (scales[column] ?? 0);
  return { rows, means, scales };
}

/** Of Σ x xᵀ / rows, by 30 steps of the power method; a tenth more, because these come from below. */
function largestMoment(rows: Float64Array, width: number): number {
  const count = rows.length / width;
  let direction = new Float64Array(width).fill(1 / Math.sqrt(width));
  let largest = 1;
  for (let step = 0; step < 30; step++) {
    const next = new Float64Array(width);
    for (let row = 0; row < count; row++) {
      let product = 0;
      for (let at = 0; at < width; at++) product += (rows[row * width + at] ?? 0) * (direction[at] ?? 0);
      for (let at = 0; at < width; at++)
        next[at] = (next[at] ?? 0) + (product * (rows[row * width + at] ?? 0)) / count;
    }
    const norm = Math.hypot(...next);
    if (!(norm > 0)) break;
    largest = norm;
    direction = next.map((value) => value / norm);
  }
  return 1.1 * largest;
}

/** Of the mean cross-entropy: Σ (probability − 1 where it is the class) x / rows. */
function gradientAt(
  weights: Float64Array,
  rows: Float64Array,
  width: number,
  classes: readonly number[],
): Float64Array {
  const count = weights.length / width;
  const gradient = new Float64Array(weights.length);
  const scores = new Float64Array(count);
  for (const [row, own] of classes.entries()) {
    const from = row * width;
    probabilities(weights, rows, from, width, scores);
    scores[own] = (scores[own] ?? 0) - 1;
    for (let each = 0; each < count; each++) {
      const error = (scores[each] ?? 0) / classes.length;
      for (let at = 0; at < width; at++)
        gradient[each * width + at] = (gradient[each * width + at] ?? 0) + error * (rows[from + at] ?? 0);
    }
  }
  return gradient;
}

/** Of the row that begins at `from`, into `out`. */
function probabilities(
  weights: Float64Array,
  rows: Float64Array,
  from: number,
  width: number,
  out: Float64Array,
): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (let each = 0; each < out.length; each++) {
    let sum = 0;
    for (let at = 0; at < width; at++) sum += (weights[each * width + at] ?? 0) * (rows[from + at] ?? 0);
    out[each] = sum;
    largest = Math.max(largest, sum);
  }
  let total = 0;
  for (let each = 0; each < out.length; each++) {
    out[each] = Math.exp((out[each] ?? 0) - largest);
    total += out[each] ?? 0;
  }
  for (let each = 0; each < out.length; each++) out[each] = (out[each] ?? 0) / total;
}

/** Coefficients for features as they are. */
function unscaled(weights: Float64Array, means: Float64Array, scales: Float64Array): number[] {
  const own = Array.from(scales, (scale, at) => (weights[at] ?? 0) * scale);
  const constant = own.reduce(
    (sum, weight, at) => sum - weight * (means[at] ?? 0),
    weights[scales.length] ?? 0,
  );
  return [...own, constant];
}
