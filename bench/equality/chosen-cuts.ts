import { type Cut, createRandom, type Graph, type Random, randomCut, singleTensorCuts } from '@tandem/core';

/** Every single-tensor cut and up to `multiTensor` distinct random cuts of two tensors or more; fewer where there are fewer. */
export function sweepCuts(graph: Graph, multiTensor: number, seed: number): Cut[] {
  return [...singleTensorCuts(graph), ...multiTensorCuts(graph, multiTensor, createRandom(seed))];
}

/** A seeded sample of `count`: half of them single-tensor cuts, the rest cuts of two tensors or more, as far as there are any. */
export function sampleCuts(graph: Graph, count: number, seed: number): Cut[] {
  const random = createRandom(seed);
  const single = shuffled(singleTensorCuts(graph), random);
  const multi = multiTensorCuts(graph, Math.floor(count / 2), random);
  return [...single.slice(0, count - multi.length), ...multi].slice(0, count);
}

function multiTensorCuts(graph: Graph, count: number, random: Random): Cut[] {
  const found = new Map<string, Cut>();
  // Small graphs have few such cuts: stop when drawing brings nothing new.
  for (let draw = 0; draw < 4 * count && found.size < count; draw++) {
    const cut = randomCut(graph, random, { minimumTensors: 2 });
    if (cut === null) break;
    found.set(cut.nodes.join(), cut);
  }
  return [...found.values()];
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const keyed = items.map((item) => ({ item, key: random.next() }));
  return keyed.sort((left, right) => left.key - right.key).map(({ item }) => item);
}
