import { type Graph, type Stage, singleTensorCuts } from '@tandem/core';

/** Stages of about these shares of the work, one after the other, cut where one tensor crosses. */
export function stagesByWork(
  graph: Graph,
  wanted: readonly { readonly host: string; readonly work: number }[],
): Stage[] {
  const flopsOf = (nodes: readonly number[]): number =>
    nodes.reduce((sum, id) => sum + (graph.nodes[id]?.flops ?? 0), 0);
  const all = graph.nodes.map(({ id }) => id);
  const cuts = singleTensorCuts(graph).map(({ nodes }) => ({ nodes, flops: flopsOf(nodes) }));
  const [total, shares] = [flopsOf(all), wanted.reduce((sum, { work }) => sum + work, 0)];
  let share = 0;
  let before: readonly number[] = [];
  return wanted.map(({ host, work }, index) => {
    share += work;
    const upTo = index === wanted.length - 1 ? all : nearest(cuts, before.length, (share / shares) * total);
    const known = new Set(before);
    before = upTo;
    return { device: host, nodes: upTo.filter((id) => !known.has(id)) };
  });
}

/** Of the cuts that have more nodes than the one before. */
function nearest(
  cuts: readonly { readonly nodes: readonly number[]; readonly flops: number }[],
  moreThan: number,
  flops: number,
): readonly number[] {
  const later = cuts.filter(({ nodes }) => nodes.length > moreThan);
  const sorted = later.toSorted(
    (left, right) => Math.abs(left.flops - flops) - Math.abs(right.flops - flops),
  );
  return sorted[0]?.nodes ?? [];
}
