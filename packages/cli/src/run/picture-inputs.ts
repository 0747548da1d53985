import type { Graph } from '@tandem/core';
import {
  generatedInputs,
  type LabelledClass,
  type ModelCard,
  readInputs,
  readLabels,
  readModelCard,
  topLabels,
} from '@tandem/node';
import type { TensorValue } from '@tandem/runtime';
import type { RunFlags } from '../flags.ts';

const pictureSeed = 1;
/** Fewer values than this in an output are no classes worth naming. */
const fewestClasses = 2;

/** How pictures become inputs, with the labels given beside the card. */
export function cardOf(flags: Pick<RunFlags, 'card' | 'labels'>): ModelCard {
  const card = readModelCard(flags.card);
  return flags.labels === undefined ? card : { ...card, labels: readLabels(flags.labels) };
}

/** The values that the user named, or generated ones when none were. */
export async function inputValues(
  graph: Graph,
  card: ModelCard,
  specifications: readonly string[],
): Promise<TensorValue[]> {
  const inputs = graph.inputs.flatMap((id) => graph.tensors[id] ?? []);
  if (specifications.length === 0) return generatedInputs({ inputs, card, seed: pictureSeed });
  return readInputs({ inputs, card, specifications });
}

/** The most likely classes; null when the output is no single vector of floats. */
export function predictionsOf(outputs: readonly TensorValue[], card: ModelCard): LabelledClass[] | null {
  const [output, more] = outputs;
  if (output === undefined || more !== undefined || !output.type.startsWith('float')) return null;
  const classes = Math.max(...output.shape);
  const elements = output.shape.reduce((product, extent) => product * extent, 1);
  if (classes < fewestClasses || elements !== classes) return null;
  return topLabels(output, card, Math.min(card.topClasses, classes));
}
