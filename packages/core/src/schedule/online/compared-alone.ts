import type { CalibrationSample, Label } from '../../calibrate/calibration-sample.ts';
import { CentreComparison, type Similarity } from './centre-comparison.ts';
import type { KnownCentres } from './decider.ts';
import { LabelCentres, squareOf } from './label-centres.ts';

/** Pooled activations at one cut, and the whole model's answers. */
export interface LabelledFeatures {
  /** [samples, channels], row-major. */
  readonly features: Float32Array;
  readonly channels: number;
  readonly labels: ArrayLike<Label>;
}

export interface ComparedAlone {
  readonly samples: readonly Pick<
    CalibrationSample,
    'separability' | 'similarity' | 'distance' | 'exitLabel'
  >[];
  readonly centres: KnownCentres['centres'];
  /** How many labels have enough samples to be compared with. */
  readonly usable: number;
}

/** No label: of a sample that no centre can be compared with. */
const none = -1;

/**
 * The labels' centres, and how each sample compares with them **without itself**: a centre that holds the sample that it is compared
 * with would be too similar, the more so the fewer samples a label has. Features have to be finite. O(samples × labels × channels).
 */
export function comparedAlone(
  { features, channels, labels }: LabelledFeatures,
  leastCount: number,
  similarity: Similarity = 'clamped',
): ComparedAlone {
  const centres = meanCentres({ features, channels, labels });
  const known = new LabelCentres(channels, { mostCount: Infinity, mostLabels: Infinity });
  for (const { label, count, centre } of centres) known.add(label, count, centre);
  const rowOf = new Map(known.labels.map((label, row) => [label, row]));
  const comparison = new CentreComparison(similarity, leastCount);
  const samples = Array.from(labels, (label, sample) => {
    const feature = features.subarray(sample * channels, (sample + 1) * channels);
    withoutSample(known, rowOf.get(label), feature, () => comparison.run(known, feature));
    const { row, separability, highest, distance } = comparison;
    return { separability, similarity: highest, distance, exitLabel: known.labels[row] ?? none };
  });
  return { samples, centres, usable: centres.filter(({ count }) => count >= leastCount).length };
}

/** Calls `compare` while the centre of a row does not hold the feature. */
function withoutSample(
  known: LabelCentres,
  row: number | undefined,
  feature: Float32Array,
  compare: () => void,
): void {
  const centre = row === undefined ? undefined : known.matrix.rows[row];
  if (row === undefined || centre === undefined) {
    compare();
    return;
  }
  const count = known.counts[row] ?? 1;
  const square = known.squares[row] ?? 0;
  const whole = centre.slice();
  for (let at = 0; at < centre.length; at++)
    centre[at] = count < 2 ? 0 : ((whole[at] ?? 0) * count - (feature[at] ?? 0)) / (count - 1);
  known.counts[row] = count - 1;
  known.squares[row] = squareOf(centre);
  compare();
  centre.set(whole);
  known.counts[row] = count;
  known.squares[row] = square;
}

/** Ascending by label; samples without an answer have no centre. */
function meanCentres({ features, channels, labels }: LabelledFeatures): KnownCentres['centres'] {
  const sums = new Map<Label, { count: number; sum: Float64Array }>();
  for (let sample = 0; sample < labels.length; sample++) {
    const label = labels[sample] ?? none;
    if (label < 0) continue;
    const own = sums.get(label) ?? { count: 0, sum: new Float64Array(channels) };
    sums.set(label, own);
    own.count++;
    for (let at = 0; at < channels; at++)
      own.sum[at] = (own.sum[at] ?? 0) + (features[sample * channels + at] ?? 0);
  }
  return [...sums]
    .sort(([left], [right]) => left - right)
    .map(([label, { count, sum }]) => ({
      label,
      count,
      centre: Float32Array.from(sum, (value) => value / count),
    }));
}
