import { type Graph, singleTensorCuts } from '@tandem/core';

/** Elements of the smallest, the middle and the largest float32 tensor that a single-tensor cut would send; fewer where they are equal. */
export function codecSizes(graph: Graph): number[] {
  const crossing = singleTensorCuts(graph).flatMap(({ boundary }) => boundary);
  const sizes = crossing
    .flatMap((id) => graph.tensors[id] ?? [])
    .filter(({ type }) => type === 'float32')
    .map(({ shape }) => shape.reduce((product, size) => product * size, 1))
    .filter((size) => size > 0)
    .sort((left, right) => left - right);
  const chosen = [sizes[0], sizes[Math.floor(sizes.length / 2)], sizes.at(-1)];
  return [...new Set(chosen.filter((size) => size !== undefined))];
}
