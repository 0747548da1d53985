import type { Label } from './calibration-sample.ts';
import { type Interval, wilsonInterval } from './wilson-interval.ts';

/** Answers of calibration samples, by sample. */
export interface JudgedAnswers {
  /** Of the whole model, nothing coded. */
  readonly labels: ArrayLike<Label>;
  /** What is right. @default the model's own answers: agreement */
  readonly truths?: ArrayLike<Label> | undefined;
}

/** How many answers of some samples were lost, and what share of all that may be. */
export interface CountedLoss extends Interval {
  readonly samples: number;
  /** Right before less right after; below 0 where more became right than wrong. */
  readonly lost: number;
  readonly share: number;
}

/** The loss of `answers` on samples `from` to `to` in steps of `step`. */
export function countLoss(
  { labels, truths = labels }: JudgedAnswers,
  answers: ArrayLike<Label>,
  { from = 0, to = labels.length, step = 1 }: { from?: number; to?: number; step?: number } = {},
): CountedLoss {
  let lost = 0;
  let samples = 0;
  for (let at = from; at < to; at += step) {
    samples++;
    lost += (labels[at] === truths[at] ? 1 : 0) - (answers[at] === truths[at] ? 1 : 0);
  }
  return lossOf(lost, samples);
}

export function lossOf(lost: number, samples: number): CountedLoss {
  const share = samples === 0 ? 0 : lost / samples;
  return { samples, lost, share, ...wilsonInterval(Math.max(0, lost), samples) };
}

/** Whether so many lost answers are too many for a share of `most` in the long run, nearly surely. */
export function isRefuted({ lost, samples }: CountedLoss, most: number): boolean {
  // Looked at several times, hence three deviations.
  return lost > 0 && wilsonInterval(lost, samples, 3).low > most;
}
