import { type Cut, extractNodes, type Graph, type ModelProto, type ValueType } from '@tandem/core';

/** The two sub-models of a cut: what runs before it and what runs after it. */
export interface Halves {
  readonly head: ModelProto;
  readonly tail: ModelProto;
}

export function halvesOf(model: ModelProto, graph: Graph, cut: Cut): Halves {
  const before = new Set(cut.nodes);
  const typeOf = typesOf(graph);
  const extract = (name: string, isMember: (id: number) => boolean): ModelProto =>
    extractNodes(model, {
      nodes: graph.nodes.filter((node) => isMember(node.id)).map((node) => node.source),
      typeOf,
      name,
    });
  return { head: extract('head', (id) => before.has(id)), tail: extract('tail', (id) => !before.has(id)) };
}

function typesOf(graph: Graph): (tensor: string) => ValueType | null {
  const types = new Map(
    graph.tensors.map(({ name, type, shape }): [string, ValueType] => [
      name,
      { kind: 'tensor', elementType: type, shape },
    ]),
  );
  return (tensor) => types.get(tensor) ?? null;
}

/** The tensors that cross, by name, for people. */
export const boundaryText = (graph: Graph, cut: Cut): string =>
  cut.boundary.map((id) => graph.tensors[id]?.name ?? `#${id}`).join(' + ');
