import { InvalidInputError } from '../errors.ts';
import type { Attribute, AttributeContent, GraphProto, NodeProto, TensorProto } from './model.ts';

/**
 * Accessors of a node's attributes. Each returns `fallback` (the lists null) where the node has none of that name, and throws
 * InvalidInputError where it has one of another kind. Integers beyond the safe range become the nearest safe one.
 */
export function intAttribute<Fallback extends number | null>(
  node: NodeProto,
  name: string,
  fallback: Fallback,
): number | Fallback {
  const found = find(node, name, 'int');
  return found ? safeInteger(found.value) : fallback;
}

export function intsAttribute(node: NodeProto, name: string): readonly number[] | null {
  return find(node, name, 'ints')?.value.map(safeInteger) ?? null;
}

export function floatAttribute<Fallback extends number | null>(
  node: NodeProto,
  name: string,
  fallback: Fallback,
): number | Fallback {
  return find(node, name, 'float')?.value ?? fallback;
}

export function floatsAttribute(node: NodeProto, name: string): readonly number[] | null {
  return find(node, name, 'floats')?.value ?? null;
}

export function stringAttribute<Fallback extends string | null>(
  node: NodeProto,
  name: string,
  fallback: Fallback,
): string | Fallback {
  return find(node, name, 'string')?.value ?? fallback;
}

export function stringsAttribute(node: NodeProto, name: string): readonly string[] | null {
  return find(node, name, 'strings')?.value ?? null;
}

export function tensorAttribute(node: NodeProto, name: string): TensorProto | null {
  return find(node, name, 'tensor')?.value ?? null;
}

export function graphAttribute(node: NodeProto, name: string): GraphProto | null {
  return find(node, name, 'graph')?.value ?? null;
}

/** The sub-graphs of a node (the branches of If, the body of Loop and Scan), in the order of its attributes. */
export function subgraphs(node: NodeProto): readonly GraphProto[] {
  return node.attributes.flatMap((attribute) => {
    if (attribute.kind === 'graph') return [attribute.value];
    return attribute.kind === 'graphs' ? attribute.value : [];
  });
}

/** The nearest number that is exact: exporters write 2^63 - 1 for 'to the end'. */
export function safeInteger(value: bigint): number {
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(value)));
}

type OfKind<Kind extends AttributeContent['kind']> = Extract<AttributeContent, { kind: Kind }>;

function find<Kind extends AttributeContent['kind']>(
  node: NodeProto,
  name: string,
  kind: Kind,
): OfKind<Kind> | null {
  const found = node.attributes.find((attribute) => attribute.name === name);
  if (!found) return null;
  if (isOfKind(found, kind)) return found;
  throw new InvalidInputError(
    `attribute '${name}' of ${node.opType} '${node.name}' is of kind ${found.kind}, expected ${kind}`,
    'The exporter is at fault: export the model again.',
  );
}

function isOfKind<Kind extends AttributeContent['kind']>(
  attribute: Attribute,
  kind: Kind,
): attribute is OfKind<Kind> & Attribute {
  return attribute.kind === kind;
}
