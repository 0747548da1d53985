import { loadModel } from '@tandem/node';
import type { InspectFlags } from '../flags.ts';
import type { Output } from '../output.ts';
import { shapedGraph } from '../shaped-graph.ts';
import { summariseGraph } from './graph-summary.ts';
import { withoutLayers } from './inspect-json.ts';
import { inspectText } from './inspect-text.ts';

/** Answers `inspect`: what the model holds, where it can be cut and what would cross. Reads headers, never weights. */
export async function inspectCommand(reference: string, flags: InspectFlags, output: Output): Promise<void> {
  const loaded = await loadModel(reference, { resolution: flags.resolution });
  try {
    const graph = await shapedGraph(
      loaded.model,
      { batch: flags.batch, dimensions: flags.dimension },
      output,
    );
    const summary = { ...summariseGraph(graph), model: loaded.name };
    output.answer(withoutLayers(summary), () => inspectText(summary));
  } finally {
    await loaded.close();
  }
}
