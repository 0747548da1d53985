import { type CountedLoss, type JudgedAnswers, lossOf } from './answer-losses.ts';
import type { Label } from './calibration-sample.ts';

/** What a classifier inside the network says of calibration samples, by sample. */
export interface HeadAnswers {
  readonly labels: readonly Label[];
  /** Its largest softmax values. */
  readonly confidences: readonly number[];
}

/** What one threshold, shared by all classifiers, comes to on samples that they were not fitted to. */
export interface HeadSetting {
  readonly threshold: number;
  /** The classifiers before this position are not asked. */
  readonly from: number;
  /** Of all samples, those that leave at each classifier. */
  readonly shares: readonly number[];
  readonly loss: CountedLoss;
}

/** SPINN's grid; 1 itself would let only a softmax leave that rounds to it. */
const headThresholds: readonly number[] = [
  0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9999,
];

/**
 * The exit table of SPINN: a sample leaves at the first classifier whose confidence lies above the threshold. All classifiers are asked, or
 * only those from one on, since early ones may be wrong too often at any threshold. Settings whose first classifier lets none leave are
 * left out: without it they are the same and cost less.
 */
export function headSettings(
  heads: readonly HeadAnswers[],
  judged: JudgedAnswers,
  thresholds: readonly number[] = headThresholds,
): readonly HeadSetting[] {
  return heads.flatMap((_head, from) =>
    thresholds.flatMap((threshold) => headSetting(heads, judged, from, threshold) ?? []),
  );
}

/** Null where no sample leaves at the first classifier asked. */
function headSetting(
  heads: readonly HeadAnswers[],
  { labels, truths = labels }: JudgedAnswers,
  from: number,
  threshold: number,
): HeadSetting | null {
  const counts = heads.map(() => 0);
  let lost = 0;
  for (let sample = 0; sample < labels.length; sample++) {
    const truth = truths[sample];
    const at = heads.findIndex((head, place) => place >= from && (head.confidences[sample] ?? 0) > threshold);
    if (at < 0) continue;
    counts[at] = (counts[at] ?? 0) + 1;
    lost += (labels[sample] === truth ? 1 : 0) - (heads[at]?.labels[sample] === truth ? 1 : 0);
  }
  if (counts[from] === 0) return null;
  const shares = counts.map((count) => count / labels.length);
  return { threshold, from, shares, loss: lossOf(lost, labels.length) };
}
