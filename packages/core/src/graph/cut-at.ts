import { InvalidInputError } from '../errors.ts';
import { cutOf } from './cut.ts';
import type { Cut, Graph, NodeId, Tensor } from './graph.ts';

/**
 * The cut that exactly these tensors cross, each by its name or by that of the node that alone makes it, with all that they depend on before it. Throws InvalidInputError for an unknown
 * name, and where other tensors have to cross as well.
 */
export function cutAt(graph: Graph, names: readonly string[]): Cut {
  const tensors = names.map((name) => {
    const tensor = graph.tensors.find((candidate) => candidate.name === name) ?? madeBy(graph, name);
    if (tensor !== undefined) return tensor;
    throw new InvalidInputError(
      `${graph.name} has no tensor and no layer '${name}'`,
      'Name layers as `tandem inspect MODEL` lists them; those marked < have a single tensor crossing behind them.',
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

/** The only output of the node of that name. */
function madeBy(graph: Graph, name: string): Tensor | undefined {
  const [output, more] = graph.nodes.find((node) => node.name === name)?.outputs ?? [];
  return output === undefined || more !== undefined ? undefined : graph.tensors[output];
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
