import { type ChaosDocument, createRandom, type Graph } from '@tandem/core';
import { generatedInputs, modelCards } from '@tandem/node';
import type { TensorValue } from '@tandem/runtime';

/** So many different inputs go round: an answer to another request is one to another input. */
const inputsInTurn = 7;

/** The requests' inputs, of which request i gets number i modulo their count. */
export function chaosInputs(graph: Graph, { seed }: Pick<ChaosDocument, 'seed'>): TensorValue[][] {
  const random = createRandom(seed).split('inputs');
  const inputs = graph.inputs.flatMap((id) => graph.tensors[id] ?? []);
  const card = modelCards['imagenet-torchvision'];
  return Array.from({ length: inputsInTurn }, () =>
    generatedInputs({ inputs, card, seed: random.integer(2 ** 31) }),
  );
}
