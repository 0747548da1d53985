import { safeInteger } from '../onnx/attributes.ts';
import type { NodeDependence } from '../onnx/dependence.ts';
import { type Attribute, elementBits, type GraphProto, type NodeProto } from '../onnx/model.ts';
import { bytes, flops } from '../units.ts';
import { collectParameters } from './collect-parameters.ts';
import { foldNodes } from './fold-nodes.ts';
import type {
  AttributeValue,
  Graph,
  Node,
  NodeId,
  Parameter,
  ParameterId,
  Tensor,
  TensorId,
} from './graph.ts';
import type { InferredGraph } from './infer-facts.ts';
import { elementCount, type Fact } from './operators/fact.ts';

/** All that is known when the rows of a Graph are written. */
export interface Findings {
  readonly proto: GraphProto;
  readonly dependences: readonly NodeDependence[];
  /** Positions in the model of the nodes that the graph keeps, in order. */
  readonly sources: readonly number[];
  readonly inputs: ReadonlyMap<string, Fact>;
  readonly inferred: InferredGraph;
  /** Whether dropout counts one operation an element. */
  readonly tableI: boolean;
}

/** The rows of a Graph; throws nothing of its own. */
export function assembleGraph(findings: Findings): Omit<Graph, 'name' | 'opset' | 'modelDigest'> {
  const { proto, dependences, sources, inferred } = findings;
  const kept = sources.flatMap((source) => proto.nodes[source] ?? []);
  const wiring = wire(findings, kept);
  const folded = foldNodes(
    kept.map((node, id) => ({ proto: node, inputs: wiring.namesOf(wiring.inputs[id] ?? []) })),
    new Set(proto.outputs.map(({ name }) => name)),
  );
  const { ofNode, parameters } = collectParameters(proto, dependences, inferred.facts, sources);
  const nodes = kept.map((node, id): Node => {
    const source = sources[id] ?? 0;
    const foldedInto = folded[id] ?? null;
    const own = ofNode.get(source) ?? [];
    return {
      ...identityOf(node, id, source),
      inputs: wiring.inputs[id] ?? [],
      outputs: wiring.outputs[id] ?? [],
      parameters: own,
      flops: flops(flopsOf(findings, node, source, foldedInto)),
      parameterBytes: bytes(sizeOf(parameters, own)),
      workspaceBytes: bytes(inferred.work[source]?.workspaceBytes ?? 0),
      foldedInto,
    };
  });
  return { ...wiring.ends, nodes, tensors: wiring.rows, parameters };
}

interface Wiring {
  readonly ends: Pick<Graph, 'inputs' | 'outputs'>;
  readonly rows: readonly Tensor[];
  /** Tensors that each node reads and yields. */
  readonly inputs: readonly (readonly TensorId[])[];
  readonly outputs: readonly (readonly TensorId[])[];
  readonly namesOf: (tensors: readonly TensorId[]) => readonly string[];
}

/** Gives every activation that is used an id: inputs first, then outputs in the order of their nodes. */
function wire(
  { proto, dependences, sources, inputs, inferred }: Findings,
  kept: readonly NodeProto[],
): Wiring {
  const returned = proto.outputs.map(({ name }) => name);
  const reads = sources.map((source) => dependences[source]?.reads ?? []);
  const used = new Set([...returned, ...reads.flat()]);
  const ids = new Map<string, TensorId>();
  const drafts: { name: string; fact: Fact; producer: NodeId | 'input'; consumers: NodeId[] }[] = [];
  const add = (name: string, fact: Fact, producer: NodeId | 'input'): TensorId => {
    ids.set(name, drafts.length);
    drafts.push({ name, fact, producer, consumers: [] });
    return drafts.length - 1;
  };
  const given = [...inputs].map(([name, fact]) => add(name, fact, 'input'));
  const yielded = kept.map((node, id) =>
    node.outputs.flatMap((name) => {
      const fact = used.has(name) ? inferred.facts.get(name) : undefined;
      return fact === undefined ? [] : [add(name, fact, id)];
    }),
  );
  const read = reads.map((names) => names.flatMap((name) => ids.get(name) ?? []));
  for (const [id, tensors] of read.entries())
    for (const tensor of tensors) drafts[tensor]?.consumers.push(id);
  return {
    ends: { inputs: given, outputs: [...new Set(returned)].flatMap((name) => ids.get(name) ?? []) },
    rows: drafts.map((draft, id) => ({
      id,
      ...rowOf(draft.name, draft.fact),
      producer: draft.producer,
      consumers: draft.consumers,
    })),
    inputs: read,
    outputs: yielded,
    namesOf: (tensors) => tensors.flatMap((tensor) => drafts[tensor]?.name ?? []),
  };
}

function rowOf(name: string, { type, shape }: Fact): Pick<Tensor, 'name' | 'type' | 'shape' | 'bytes'> {
  return { name, type, shape, bytes: bytes(Math.ceil((elementCount(shape) * elementBits[type]) / 8)) };
}

function identityOf(
  node: NodeProto,
  id: NodeId,
  source: number,
): Pick<Node, 'id' | 'source' | 'name' | 'op' | 'domain' | 'attributes'> {
  return {
    id,
    source,
    name: node.name === '' ? `${node.opType}_${source}` : node.name,
    op: node.opType,
    domain: node.domain === 'ai.onnx' ? '' : node.domain,
    attributes: Object.fromEntries(
      node.attributes.map((attribute) => [attribute.name, plainValue(attribute)]),
    ),
  };
}

/** A folded node adds nothing to the node that it is folded into, except by table I. */
function flopsOf(findings: Findings, node: NodeProto, source: number, foldedInto: NodeId | null): number {
  const { inferred, tableI } = findings;
  if (tableI && node.domain === '' && node.opType === 'Dropout') {
    return elementCount(inferred.facts.get(node.inputs[0] ?? '')?.shape ?? [0]);
  }
  return foldedInto === null ? (inferred.work[source]?.flops ?? 0) : 0;
}

function sizeOf(parameters: readonly Parameter[], ids: readonly ParameterId[]): number {
  return ids.reduce((sum, id) => sum + (parameters[id]?.bytes ?? 0), 0);
}

function plainValue(attribute: Attribute): AttributeValue {
  switch (attribute.kind) {
    case 'float':
    case 'string':
    case 'floats':
    case 'strings':
      return attribute.value;
    case 'int':
      return safeInteger(attribute.value);
    case 'ints':
      return attribute.value.map(safeInteger);
    default:
      return null;
  }
}
