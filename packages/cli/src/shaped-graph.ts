import { type Graph, type GraphOptions, graphOf, type ModelProto, UnsupportedError } from '@tandem/core';
import { knownTensors } from '@tandem/node';
import type { Output } from './output.ts';

/** Shapes by inference; where an operator is unknown, by executing the model once. */
export async function shapedGraph(model: ModelProto, options: GraphOptions, output: Output): Promise<Graph> {
  try {
    return graphOf(model, options);
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    output.progress(`${error.message} Executing the model once to see its shapes.`);
    return graphOf(model, { ...options, known: await knownTensors(model) });
  }
}
