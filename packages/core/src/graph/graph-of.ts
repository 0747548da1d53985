import { UnsupportedError } from '../errors.ts';
import { dependence, type NodeDependence } from '../onnx/dependence.ts';
import {
  type Attribute,
  elementBits,
  type GraphProto,
  type ModelProto,
  type NodeProto,
} from '../onnx/model.ts';
import { bytes, flops } from '../units.ts';
import { type Binding, bindInputs, bindSymbols, declaredFact, type KnownTensor } from './bind-inputs.ts';
import { collectParameters } from './collect-parameters.ts';
import { foldNodes } from './fold-nodes.ts';
import type { AttributeValue, Graph, Node, NodeId, Parameter, Tensor, TensorId } from './graph.ts';
import { type InferredGraph, inferFacts, type Supplement } from './infer-facts.ts';
import { elementCount, type Fact, factOf } from './operators/fact.ts';

export interface GraphOptions extends Binding {
  /** Tensors as a run of the model found them; they win over inference and stand in for operators without a rule. */
  readonly known?: readonly KnownTensor[];
  /** SHA-256 of the model's bytes. */
  readonly modelDigest?: string;
  /** 'tableI' counts dropout as Mu et al. do: one operation an element. @default 'default' */
  readonly flopRules?: 'default' | 'tableI';
}

/**
 * What the model computes on its activations, every shape and type inferred at the bound input shapes. Nodes that no output needs
 * and those that constants alone determine are left out. Throws InvalidInputError when the model contradicts itself or a dimension
 * is open, UnsupportedError when an operator has no rule or a shape depends on data: `known` then fills the gap.
 */
export function graphOf(model: ModelProto, options: GraphOptions = {}): Graph {
  const proto = model.graph;
  const symbols = bindSymbols(proto, options);
  const inputs = bindInputs(proto, symbols, options);
  const dependences = dependence(proto);
  const needed = neededNodes(proto, dependences);
  const inferred = inferFacts(model, new Set(needed), inputs, supplementOf(proto, symbols, options));
  const sources = needed.filter((index) => dependences[index]?.constant === false);
  checkOutputs(proto, dependences);
  const assembly = new Assembly(proto, inferred, dependences, sources, options);
  for (const [name, fact] of inputs) assembly.addTensor(name, fact, 'input');
  return {
    name: proto.name,
    opset: model.operatorSets.find(({ domain }) => domain === '' || domain === 'ai.onnx')?.version ?? 0,
    ...(options.modelDigest === undefined ? {} : { modelDigest: options.modelDigest }),
    inputs: [...inputs.keys()].map((_, index) => index),
    ...assembly.build(),
  };
}

function supplementOf(
  graph: GraphProto,
  symbols: ReadonlyMap<string, number>,
  options: GraphOptions,
): Supplement {
  const infos = new Map([...graph.valueInfos, ...graph.outputs].map((info) => [info.name, info]));
  const known = (options.known ?? []).map(({ name, type, shape }): [string, Fact] => [
    name,
    factOf(type, shape),
  ]);
  for (const [, { shape }] of known) elementCount(shape);
  return {
    known: new Map(known),
    declared: (name) => {
      const info = infos.get(name);
      return info === undefined ? null : declaredFact(info, symbols);
    },
  };
}

/** Positions of the nodes that some output depends on, constant ones included, in the model's order. */
function neededNodes(graph: GraphProto, dependences: readonly NodeDependence[]): readonly number[] {
  const wanted = new Set(graph.outputs.map(({ name }) => name));
  const needed: number[] = [];
  for (let index = graph.nodes.length - 1; index >= 0; index--) {
    if (!graph.nodes[index]?.outputs.some((output) => wanted.has(output))) continue;
    needed.push(index);
    for (const name of dependences[index]?.reads ?? []) wanted.add(name);
  }
  return needed.reverse();
}

function checkOutputs(graph: GraphProto, dependences: readonly NodeDependence[]): void {
  const constant = new Set(graph.initializers.map(({ name }) => name));
  for (const [index, node] of graph.nodes.entries()) {
    if (dependences[index]?.constant === true) for (const output of node.outputs) constant.add(output);
  }
  const found = graph.outputs.find(({ name }) => constant.has(name));
  if (found === undefined) return;
  throw new UnsupportedError(
    `output '${found.name}' is the same whatever the inputs are, so no device computes it`,
    'Remove this output from the model.',
  );
}

type Body = Pick<Graph, 'nodes' | 'tensors' | 'parameters' | 'outputs'>;

interface DraftTensor {
  readonly name: string;
  readonly fact: Fact;
  readonly producer: NodeId | 'input';
  readonly consumers: NodeId[];
}

class Assembly {
  readonly #proto: GraphProto;
  readonly #inferred: InferredGraph;
  readonly #dependences: readonly NodeDependence[];
  readonly #sources: readonly number[];
  readonly #tableI: boolean;
  readonly #ids: Map<string, TensorId> = new Map();
  readonly #tensors: DraftTensor[] = [];

  constructor(
    proto: GraphProto,
    inferred: InferredGraph,
    dependences: readonly NodeDependence[],
    sources: readonly number[],
    options: GraphOptions,
  ) {
    this.#proto = proto;
    this.#inferred = inferred;
    this.#dependences = dependences;
    this.#sources = sources;
    this.#tableI = options.flopRules === 'tableI';
  }

  addTensor(name: string, fact: Fact, producer: NodeId | 'input'): TensorId {
    const id = this.#tensors.length;
    this.#ids.set(name, id);
    this.#tensors.push({ name, fact, producer, consumers: [] });
    return id;
  }

  build(): Body {
    const returned = new Set(this.#proto.outputs.map(({ name }) => name));
    const used = new Set(returned);
    for (const source of this.#sources) for (const name of this.#reads(source)) used.add(name);
    const protos = this.#sources.map((source) => this.#proto.nodes[source] as NodeProto);
    const outputs = protos.map((proto, id) => this.#addOutputs(proto, id, used));
    const inputs = this.#sources.map((source, id) => this.#connect(source, id));
    const candidates = protos.map((proto, id) => ({ proto, inputs: this.#names(inputs[id] ?? []) }));
    const folded = foldNodes(candidates, returned);
    const { ofNode, parameters } = collectParameters(
      this.#proto,
      this.#dependences,
      this.#inferred.facts,
      this.#sources,
    );
    const nodes = protos.map((proto, id): Node => {
      const source = this.#sources[id] ?? 0;
      const own = ofNode.get(source) ?? [];
      return {
        id,
        source,
        name: proto.name === '' ? `${proto.opType}_${source}` : proto.name,
        op: proto.opType,
        domain: proto.domain === 'ai.onnx' ? '' : proto.domain,
        attributes: Object.fromEntries(
          proto.attributes.map((attribute) => [attribute.name, plainValue(attribute)]),
        ),
        inputs: inputs[id] ?? [],
        outputs: outputs[id] ?? [],
        parameters: own,
        flops: flops(this.#flops(proto, source, folded[id] ?? null)),
        parameterBytes: bytes(sizeOf(parameters, own)),
        workspaceBytes: bytes(this.#inferred.work[source]?.workspaceBytes ?? 0),
        foldedInto: folded[id] ?? null,
      };
    });
    return { nodes, tensors: this.#tensors.map(tensorRow), parameters, outputs: this.#outputs() };
  }

  /** Activations that the node reads, captured ones included. */
  #reads(source: number): readonly string[] {
    return this.#dependences[source]?.reads ?? [];
  }

  #addOutputs(proto: NodeProto, id: NodeId, used: ReadonlySet<string>): TensorId[] {
    return proto.outputs.flatMap((name) => {
      const fact = this.#inferred.facts.get(name);
      return fact === undefined || !used.has(name) ? [] : [this.addTensor(name, fact, id)];
    });
  }

  #connect(source: number, id: NodeId): readonly TensorId[] {
    const inputs = this.#reads(source).flatMap((name) => this.#ids.get(name) ?? []);
    for (const input of inputs) this.#tensors[input]?.consumers.push(id);
    return inputs;
  }

  #names(tensors: readonly TensorId[]): string[] {
    return tensors.map((tensor) => this.#tensors[tensor]?.name ?? '');
  }

  /** A folded node adds nothing to the node that it is folded into. */
  #flops(proto: NodeProto, source: number, foldedInto: NodeId | null): number {
    if (this.#tableI && proto.domain === '' && proto.opType === 'Dropout') {
      return elementCount(this.#inferred.facts.get(proto.inputs[0] ?? '')?.shape ?? [0]);
    }
    return foldedInto === null ? (this.#inferred.work[source]?.flops ?? 0) : 0;
  }

  #outputs(): readonly TensorId[] {
    return this.#proto.outputs.flatMap(({ name }) => this.#ids.get(name) ?? []);
  }
}

function sizeOf(parameters: readonly Parameter[], ids: readonly number[]): number {
  return ids.reduce((sum, id) => sum + (parameters[id]?.bytes ?? 0), 0);
}

function tensorRow({ name, fact, producer, consumers }: DraftTensor, id: TensorId): Tensor {
  const size = Math.ceil((elementCount(fact.shape) * elementBits[fact.type]) / 8);
  return { id, name, type: fact.type, shape: fact.shape, bytes: bytes(size), producer, consumers };
}

function plainValue(attribute: Attribute): AttributeValue {
  switch (attribute.kind) {
    case 'float':
    case 'string':
    case 'floats':
    case 'strings':
      return attribute.value;
    case 'int':
      return Number(attribute.value);
    case 'ints':
      return attribute.value.map(Number);
    default:
      return null;
  }
}
