import { bytes, type Graph, graphOf, parameterBytesOf, peakActivation, zooModel } from '@tandem/core';
import { type Claim, defineClaim, exactly } from '../claim.ts';
import { papers } from '../papers.ts';

/** 73 patches a side, as 1024 pixels give when the last ten are dropped. */
const resolution = 1022;
const blocks = 32;
/** Bars of the chart before the first block: patches and class token. */
const barsBefore = 2;

/** The chart's unit: 2²⁰ bytes, in thousands. */
const chartGigabyte = 1000 * 2 ** 20;

const reading = { kind: 'absolute', value: 0.03 } as const;
const chart = 'text and OOM chart';

export const c1b: Claim = defineClaim({
  claim:
    'A device needs what the chart adds up to run ViT-H/14: 2 GB hold the first 9 layers, and all of them take 8.39 GB.',
  paper: papers.coinfer,
  standIn:
    'Tandem’s memory model in place of a GPU: fp32 weights that stay, and the most bytes of activations that are alive together, at 1022 × 1022 pixels.',
  figures: {
    'layers that fit into 2 GB, attention in one kernel': {
      unit: 'layers',
      paper: 9,
      tolerance: exactly,
      where: chart,
    },
    'all layers, attention in one kernel': { unit: 'GB', paper: 8.39, tolerance: reading, where: chart },
    'all layers, attention spelt out': { unit: 'GB', paper: 8.39, tolerance: reading, where: chart },
    'weights alone': { unit: 'GB', paper: null, tolerance: reading, where: chart },
  },
  remarks: [
    'The chart itself is reproduced (C1); what fails is reading it as a need. It counts every layer’s peak as if none were freed, and no weights.',
    'In one kernel, the scores of attention (tokens × tokens for each head) are never held; spelt out, as exporters write it, they are most of what is alive.',
  ],
  run: async () => {
    const spelt = graphOf(zooModel('vit-h-14', { resolution, batch: 1 }));
    const fused = withoutScores(spelt);
    const all = spelt.nodes.map(({ id }) => id);
    const fitting = Array.from({ length: blocks }, (_, block) => need(fused, nodesThrough(fused, block)));
    return {
      'layers that fit into 2 GB, attention in one kernel':
        barsBefore + fitting.filter((size) => size <= 2).length,
      'all layers, attention in one kernel': need(fused, all),
      'all layers, attention spelt out': need(spelt, all),
      'weights alone': parameterBytesOf(spelt, all) / chartGigabyte,
    };
  },
});

/** Weights and activations of the nodes, in the chart's unit. */
function need(graph: Graph, nodes: readonly number[]): number {
  return (parameterBytesOf(graph, nodes) + peakActivation(graph, nodes)) / chartGigabyte;
}

/** All nodes up to the last of the block. */
function nodesThrough({ nodes }: Graph, block: number): readonly number[] {
  const last = nodes.findLastIndex(({ name }) => name.startsWith(`encoder/layer${block}/`));
  return nodes.slice(0, last + 1).map(({ id }) => id);
}

/** The graph with nothing held for the weight that each token gives every other, [N, heads, T, T]. */
function withoutScores(graph: Graph): Graph {
  const tensors = graph.tensors.map((tensor) =>
    /\/attention\/(scores|softmax)$/.test(tensor.name) ? { ...tensor, bytes: bytes(0) } : tensor,
  );
  return { ...graph, tensors };
}
