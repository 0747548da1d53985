import { UnsupportedError } from '../errors.ts';
import { dependence, type NodeDependence } from '../onnx/dependence.ts';
import type { GraphProto, ModelProto } from '../onnx/model.ts';
import { defaultOperatorSet } from '../onnx/read-model.ts';
import { assembleGraph } from './assemble-graph.ts';
import { type Binding, bindInputs, bindSymbols, declaredFact, type KnownTensor } from './bind-inputs.ts';
import type { Graph } from './graph.ts';
import { inferFacts, type Supplement } from './infer-facts.ts';
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
  const tableI = options.flopRules === 'tableI';
  return {
    name: proto.name,
    opset: defaultOperatorSet(model.operatorSets) ?? 0,
    ...(options.modelDigest === undefined ? {} : { modelDigest: options.modelDigest }),
    ...assembleGraph({ proto, dependences, sources, inputs, inferred, tableI }),
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
