import type { NodeDependence } from '../onnx/dependence.ts';
import {
  type ElementType,
  elementBits,
  type GraphProto,
  type NodeProto,
  type TensorProto,
} from '../onnx/model.ts';
import { bytes } from '../units.ts';
import type { Parameter, ParameterId } from './graph.ts';
import { elementCount, type Fact } from './operators/fact.ts';

export interface CollectedParameters {
  /** For each node of the model, what it reads directly or through constant-derived nodes; each once, ascending. */
  readonly ofNode: ReadonlyMap<number, readonly ParameterId[]>;
  readonly parameters: readonly Parameter[];
}

/** Inputs that are options rather than weights, although they may be floats: the first position and all after it. */
const optionInputs: Readonly<Record<string, number>> = {
  Clip: 1,
  Resize: 1,
  Upsample: 1,
  Pad: 2,
  Pow: 1,
  Dropout: 1,
  QuantizeLinear: 1,
  DequantizeLinear: 1,
  CastLike: 1,
  Range: 0,
  OneHot: 1,
  BatchNormalization: 3,
};

/** The parameters that the nodes at `sources` (positions in the model) read. Facts give the sizes of Constant outputs. */
export function collectParameters(
  graph: GraphProto,
  dependences: readonly NodeDependence[],
  facts: ReadonlyMap<string, Fact>,
  sources: readonly number[],
): CollectedParameters {
  const collector = new Collector(graph, dependences, facts);
  const ofNode = new Map(sources.map((source) => [source, collector.read(source)]));
  return { ofNode, parameters: collector.parameters() };
}

interface Origin {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly isInitializer: boolean;
}

class Collector {
  readonly #graph: GraphProto;
  readonly #dependences: readonly NodeDependence[];
  readonly #facts: ReadonlyMap<string, Fact>;
  readonly #initializers: ReadonlyMap<string, TensorProto>;
  readonly #constantProducers: Map<string, number> = new Map();
  /** Distinct origins that each constant tensor stems from. */
  readonly #origins: Map<string, readonly Origin[]> = new Map();
  readonly #ids: Map<Origin, ParameterId> = new Map();
  readonly #learned: Set<Origin> = new Set();

  constructor(graph: GraphProto, dependences: readonly NodeDependence[], facts: ReadonlyMap<string, Fact>) {
    this.#graph = graph;
    this.#dependences = dependences;
    this.#facts = facts;
    this.#initializers = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
    for (const [index, node] of graph.nodes.entries()) {
      if (dependences[index]?.constant === false) continue;
      for (const output of node.outputs) this.#constantProducers.set(output, index);
    }
  }

  read(source: number): readonly ParameterId[] {
    const node = this.#graph.nodes[source];
    if (node === undefined) return [];
    const ids = new Set<ParameterId>();
    const options =
      node.domain === '' ? (optionInputs[node.opType] ?? node.inputs.length) : node.inputs.length;
    for (const [position, name] of node.inputs.entries()) this.#use(name, position < options, ids);
    for (const name of this.#dependences[source]?.captured ?? []) this.#use(name, true, ids);
    for (const origin of bodyOrigins(node)) ids.add(this.#idOf(origin, true));
    return [...ids].sort((left, right) => left - right);
  }

  parameters(): readonly Parameter[] {
    return [...this.#ids].map(([origin, id]) => {
      const elements = elementCount(origin.shape);
      const size = Math.ceil((elements * elementBits[origin.type]) / 8);
      return { id, name: origin.name, elements, bytes: bytes(size), learned: this.#learned.has(origin) };
    });
  }

  #use(name: string, asWeight: boolean, ids: Set<ParameterId>): void {
    for (const origin of this.#originsOf(name)) ids.add(this.#idOf(origin, asWeight));
  }

  #idOf(origin: Origin, asWeight: boolean): ParameterId {
    if (asWeight && isWeight(origin)) this.#learned.add(origin);
    const id = this.#ids.get(origin) ?? this.#ids.size;
    this.#ids.set(origin, id);
    return id;
  }

  /** Filled in the model's order, so that a chain of constant nodes of any length needs no recursion. */
  #originsOf(name: string): readonly Origin[] {
    if (this.#origins.size === 0) this.#traceOrigins();
    return this.#origins.get(name) ?? [];
  }

  #traceOrigins(): void {
    for (const [name, { elementType, dims }] of this.#initializers) {
      this.#origins.set(name, [{ name, type: elementType, shape: dims, isInitializer: true }]);
    }
    for (const [index, node] of this.#graph.nodes.entries()) {
      if (this.#dependences[index]?.constant !== true) continue;
      const read = (this.#dependences[index]?.reads ?? []).flatMap((name) => this.#origins.get(name) ?? []);
      for (const name of node.outputs) {
        if (name !== '')
          this.#origins.set(
            name,
            node.opType === 'Constant' ? this.#constantOrigin(name) : [...new Set(read)],
          );
      }
    }
  }

  #constantOrigin(name: string): readonly Origin[] {
    const fact = this.#facts.get(name);
    return fact === undefined ? [] : [{ name, type: fact.type, shape: fact.shape, isInitializer: false }];
  }
}

/** Floats that are more than one number; a lone number is a constant of the formula. */
function isWeight({ type, shape, isInitializer }: Origin): boolean {
  return isInitializer && /^b?float/.test(type) && shape.length > 0;
}

/** Weights that the bodies of If, Loop and Scan hold themselves. */
function bodyOrigins(node: NodeProto): readonly Origin[] {
  return node.attributes.flatMap((attribute) => {
    if (attribute.kind === 'graph') return originsWithin(attribute.value);
    return attribute.kind === 'graphs' ? attribute.value.flatMap(originsWithin) : [];
  });
}

function originsWithin(body: GraphProto): readonly Origin[] {
  const held = body.initializers.map(({ name, elementType, dims }) => ({
    name,
    type: elementType,
    shape: dims,
    isInitializer: true,
  }));
  return [...held, ...body.nodes.flatMap(bodyOrigins)];
}
