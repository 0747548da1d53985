import { exampleCluster, type Graph } from '@tandem/core';
import { loadModel, readClusterFile } from '@tandem/node';
import { checkChartFile, writeChart } from '../chart/chart-file.ts';
import type { InspectFlags } from '../flags.ts';
import type { Output } from '../output.ts';
import { shapedGraph } from '../shaped-graph.ts';
import { summariseGraph } from './graph-summary.ts';
import { withoutLayers } from './inspect-json.ts';
import { headline, inspectText, totalsText } from './inspect-text.ts';
import { type MemorySummary, summariseMemory } from './memory-summary.ts';
import { memoryText } from './memory-text.ts';

/** Answers `inspect`: what the model holds, where it can be cut and what would cross. Reads headers, never weights. */
export async function inspectCommand(reference: string, flags: InspectFlags, output: Output): Promise<void> {
  await checkChartFile(flags.chart);
  const loaded = await loadModel(reference, { resolution: flags.resolution });
  try {
    const graph = await shapedGraph(
      loaded.model,
      { batch: flags.batch, dimensions: flags.dimension },
      output,
    );
    const summary = { ...summariseGraph(graph), model: loaded.name };
    const memory = await memoryOf(graph, flags);
    if (flags.memory === true || flags.cluster !== undefined)
      output.answer({ ...withoutLayers(summary), memory }, () =>
        [headline(summary), memoryText(memory, summary.layers), totalsText(summary)].join('\n\n'),
      );
    else output.answer(withoutLayers(summary), () => inspectText(summary));
    if (flags.chart === undefined) return;
    const { networkChart } = await import('../chart/network-chart.ts');
    await writeChart(flags.chart, networkChart(summary, memory));
    output.progress(`drawn to ${flags.chart}`);
  } finally {
    await loaded.close();
  }
}

async function memoryOf(graph: Graph, { cluster }: InspectFlags): Promise<MemorySummary> {
  return summariseMemory(graph, cluster === undefined ? exampleCluster() : await readClusterFile(cluster));
}
