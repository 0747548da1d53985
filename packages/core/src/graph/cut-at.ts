import { InvalidInputError } from '../errors.ts';
import { cutOf } from './cut.ts';
import type { Cut, Graph, NodeId } from './graph.ts';

/**
 * The cut that exactly the tensors of these names cross, with all that they depend on before it. Throws InvalidInputError for an unknown
 * name, and where other tensors have to cross as well.
 */
export function cutAt(graph: Graph, names: readonly string[]): Cut {
  const tensors = names.map((name) => {
    const tensor = graph.tensors.find((candidate) => candidate.name === name);
    if (tensor !== undefined) return tensor;
    throw new InvalidInputError(
      `${graph.name} has no tensor '${name}'`,
      'Name tensors as `tandem inspect MODEL --json` lists its single-tensor cuts.',
    );
  });
  const cut = cutOf(
    graph,
    withPredecessors(
      graph,
      tensors.map(({ producer }) => producer),
    ),
  );
  const wanted = new Set(tensors.map(({ id }) => id));
  if (cut.boundary.length === wanted.size && cut.boundary.every((id) => wanted.has(id))) return cut;
  const crossing = cut.boundary.map((id) => graph.tensors[id]?.name ?? '').join(' + ');
  throw new InvalidInputError(
    `behind ${names.join(' + ')} there cross ${crossing === '' ? 'no tensors' : crossing}`,
    'Name all tensors that cross, joined by +.',
  );
}

/** With what is folded into them, or what they are folded into. */
function withPredecessors(graph: Graph, producers: readonly (NodeId | 'input')[]): NodeId[] {
  const found = new Set<NodeId>();
  const left = producers.filter((producer) => producer !== 'input');
  for (let id = left.pop(); id !== undefined; id = left.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    const root = graph.nodes[id]?.foldedInto ?? id;
    for (const node of graph.nodes) if (node.id === root || node.foldedInto === root) left.push(node.id);
    for (const input of graph.nodes[id]?.inputs ?? []) {
      const producer = graph.tensors[input]?.producer;
      if (typeof producer === 'number') left.push(producer);
    }
  }
  return [...found];
}
