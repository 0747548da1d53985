import type { Random } from '../random.ts';
import type { Graph, Node, NodeId } from './graph.ts';

/** The same graph with its nodes in a random topological order; tensors keep their ids. For trying laws that must not see the order. */
export function reorderedGraph(graph: Graph, random: Random): Graph {
  const order = randomOrder(graph, random);
  const place = new Map(order.map((id, index): [NodeId, NodeId] => [id, index]));
  const moved = (id: NodeId): NodeId => place.get(id) ?? 0;
  const nodes = order.map((id, index): Node => {
    const node = graph.nodes[id] as Node;
    return { ...node, id: index, foldedInto: node.foldedInto === null ? null : moved(node.foldedInto) };
  });
  const tensors = graph.tensors.map((tensor) => ({
    ...tensor,
    producer: tensor.producer === 'input' ? tensor.producer : moved(tensor.producer),
    consumers: tensor.consumers.map(moved).sort((left, right) => left - right),
  }));
  return { ...graph, nodes, tensors };
}

function randomOrder(graph: Graph, random: Random): NodeId[] {
  const waiting = graph.nodes.map(
    ({ inputs }) => inputs.filter((input) => graph.tensors[input]?.producer !== 'input').length,
  );
  const ready = graph.nodes.filter(({ id }) => waiting[id] === 0);
  const order: NodeId[] = [];
  while (ready.length > 0) {
    const [node] = ready.splice(random.integer(ready.length), 1);
    if (node === undefined) break;
    order.push(node.id);
    for (const output of node.outputs) {
      for (const consumer of graph.tensors[output]?.consumers ?? []) {
        waiting[consumer] = (waiting[consumer] ?? 0) - 1;
        const follower = graph.nodes[consumer];
        if (waiting[consumer] === 0 && follower !== undefined) ready.push(follower);
      }
    }
  }
  return order;
}
