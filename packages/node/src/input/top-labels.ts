import { type TensorValue, tensorNumbers } from '@tandem/runtime';
import type { ModelCard } from './model-card.ts';

export interface LabelledClass {
  readonly index: number;
  /** 'class INDEX' where the card has no label for it. */
  readonly label: string;
  readonly probability: number;
}

/**
 * The `count` most likely classes of a classifier's output, the most likely first, ties by index. Logits become probabilities by softmax.
 * Throws UnsupportedError when the output does not hold numbers.
 */
export function topLabels(
  output: TensorValue,
  card: Pick<ModelCard, 'labels' | 'outputs'>,
  count: number,
): LabelledClass[] {
  const scores = Array.from(tensorNumbers(output));
  const probabilities = card.outputs === 'softmax' ? scores : softmax(scores);
  const order = probabilities
    .map((_, index) => index)
    .sort((left, right) => rank(probabilities, left, right));
  return order.slice(0, count).map((index) => ({
    index,
    label: card.labels?.[index] ?? `class ${index}`,
    probability: probabilities[index] ?? Number.NaN,
  }));
}

function rank(values: readonly number[], left: number, right: number): number {
  const difference = (values[right] ?? 0) - (values[left] ?? 0);
  if (Number.isNaN(difference))
    return Number(Number.isNaN(values[left])) - Number(Number.isNaN(values[right]));
  return difference === 0 ? left - right : difference;
}

function softmax(scores: readonly number[]): number[] {
  const largest = scores.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY);
  const weights = scores.map((score) => Math.exp(score - largest));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
