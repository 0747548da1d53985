import type { Attribute, GraphProto, NodeProto, TensorProto } from './model.ts';

/** The graph with every tensor mapped: initializers and attributes, sub-graphs too. What does not change stays the same object. */
export function mapTensors(graph: GraphProto, change: (tensor: TensorProto) => TensorProto): GraphProto {
  const initializers = mapList(graph.initializers, change);
  const nodes = mapList(graph.nodes, (node) => mapNode(node, change));
  if (initializers === graph.initializers && nodes === graph.nodes) return graph;
  return { ...graph, initializers, nodes };
}

function mapNode(node: NodeProto, change: (tensor: TensorProto) => TensorProto): NodeProto {
  const attributes = mapList(node.attributes, (attribute) => mapAttribute(attribute, change));
  return attributes === node.attributes ? node : { ...node, attributes };
}

function mapAttribute(attribute: Attribute, change: (tensor: TensorProto) => TensorProto): Attribute {
  if (attribute.kind === 'tensor') return withValue(attribute, change(attribute.value));
  if (attribute.kind === 'graph') return withValue(attribute, mapTensors(attribute.value, change));
  if (attribute.kind !== 'graphs') return attribute;
  return withValue(
    attribute,
    mapList(attribute.value, (graph) => mapTensors(graph, change)),
  );
}

function withValue<Holder extends { readonly value: unknown }>(
  holder: Holder,
  value: Holder['value'],
): Holder {
  return value === holder.value ? holder : { ...holder, value };
}

function mapList<Item>(items: readonly Item[], change: (item: Item) => Item): readonly Item[] {
  const mapped = items.map(change);
  return mapped.some((item, index) => item !== items[index]) ? mapped : items;
}
