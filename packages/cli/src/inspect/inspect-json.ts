import type { Graph } from '@tandem/core';
import { type GraphSummary, summariseGraph } from './graph-summary.ts';
import type { MemorySummary } from './memory-summary.ts';

/** The answer of `inspect --json`: the summary with the layers counted instead of listed. */
export type InspectJson = Omit<GraphSummary, 'layers'> & {
  readonly nodes: number;
  /** Where `--memory` asks for it. */
  readonly memory?: MemorySummary;
};

export function inspectJson(graph: Graph): InspectJson {
  return withoutLayers(summariseGraph(graph));
}

/** `inspect --json` of a summary that is already there. */
export function withoutLayers({ layers, ...rest }: GraphSummary): InspectJson {
  return { ...rest, nodes: layers.length };
}
