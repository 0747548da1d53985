import { type Graph, type GraphOptions, graphOf, type ModelProto, UnsupportedError } from '@tandem/core';
import { knownTensors, loadModel } from '@tandem/node';
import type { InspectFlags } from '../flags.ts';
import type { Output } from '../output.ts';
import { summariseGraph } from './graph-summary.ts';
import { withoutLayers } from './inspect-json.ts';
import { inspectText } from './inspect-text.ts';

/** Answers `inspect`: what the model holds, where it can be cut and what would cross. Reads headers, never weights. */
export async function inspectCommand(reference: string, flags: InspectFlags, output: Output): Promise<void> {
  const loaded = await loadModel(reference, { resolution: flags.resolution });
  try {
    const graph = await shapedGraph(loaded.model, { batch: flags.batch }, output);
    const summary = { ...summariseGraph(graph), model: loaded.name };
    output.answer(withoutLayers(summary), () => inspectText(summary));
  } finally {
    await loaded.close();
  }
}

/** Where shapes cannot be inferred, the model is executed once to see them. */
async function shapedGraph(model: ModelProto, options: GraphOptions, output: Output): Promise<Graph> {
  try {
    return graphOf(model, options);
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    output.progress(`${error.message} Executing the model once to see its shapes.`);
    return graphOf(model, { ...options, known: await knownTensors(model) });
  }
}
