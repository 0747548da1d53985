import { type ElementType, UnsupportedError } from '@tandem/core';
import type { TensorValue } from '@tandem/runtime';
import { fromFloat16 } from './float16.ts';
import type { ModelCard } from './model-card.ts';

export interface LabelledClass {
  readonly index: number;
  /** 'class INDEX' where the card has no label for it. */
  readonly label: string;
  readonly probability: number;
}

/**
 * The `count` most likely classes of a classifier's output, the most likely first, ties by index. Logits become probabilities by softmax.
 * Throws UnsupportedError when the output does not hold floats.
 */
export function topLabels(
  output: Pick<TensorValue, 'name' | 'type' | 'data'>,
  card: Pick<ModelCard, 'labels' | 'outputs'>,
  count: number,
): LabelledClass[] {
  const scores = scoresOf(output);
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

function scoresOf(output: Pick<TensorValue, 'name' | 'type' | 'data'>): number[] {
  const read = readers[output.type];
  if (read !== undefined) return read(output.data);
  throw new UnsupportedError(
    `The output '${output.name}' holds ${output.type}, expected ${Object.keys(readers).join(', ')}.`,
    'Read the raw output instead of class labels.',
  );
}

/** A copy aligns the elements, whatever the view's offset. */
const readers: Partial<Record<ElementType, (data: Uint8Array) => number[]>> = {
  float32: (data) => [...new Float32Array(data.slice().buffer)],
  float64: (data) => [...new Float64Array(data.slice().buffer)],
  float16: (data) => Array.from(new Uint16Array(data.slice().buffer), fromFloat16),
};
