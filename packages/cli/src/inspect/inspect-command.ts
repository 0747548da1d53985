import type { Graph } from '@tandem/core';
import type { Output } from '../output.ts';
import { summariseGraph } from './graph-summary.ts';
import { withoutLayers } from './inspect-json.ts';
import { inspectText } from './inspect-text.ts';

/** Answers `inspect`: what the model holds, where it can be cut and what would cross. */
export function inspectCommand(graph: Graph, output: Output): void {
  const summary = summariseGraph(graph);
  output.answer(withoutLayers(summary), () => inspectText(summary));
}
