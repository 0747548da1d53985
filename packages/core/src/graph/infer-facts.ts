import { InvalidInputError, TandemError, UnsupportedError } from '../errors.ts';
import { initializerNames } from '../onnx/dependence.ts';
import type { GraphProto, ModelProto, NodeProto } from '../onnx/model.ts';
import { elementCount, type Fact, factOf } from './operators/fact.ts';
import { type BodyResult, fillTheGap, nodeLabel, OperatorCall } from './operators/operator-call.ts';
import { ruleOf } from './operators/operator-rules.ts';
import { tensorFact } from './operators/tensor-fact.ts';

/** What inference yields for a model's top-level graph. */
export interface InferredGraph {
  readonly facts: ReadonlyMap<string, Fact>;
  /** Work of each node, by its position in the model. */
  readonly work: readonly NodeWork[];
}

interface NodeWork {
  readonly flops: number;
  readonly workspaceBytes: number;
}

/** Facts that stand in where no rule exists (`declared`), and facts that win over every rule (`known`). */
export interface Supplement {
  readonly known: ReadonlyMap<string, Fact>;
  readonly declared: (name: string) => Fact | null;
}

/** Bodies of If and Loop nested deeper are refused. */
const deepestNesting = 32;

/** The facts of every tensor that the needed nodes (positions in the model) yield, from those of the inputs. Throws InvalidInputError or UnsupportedError, naming the node. */
export function inferFacts(
  model: ModelProto,
  needed: ReadonlySet<number>,
  inputs: ReadonlyMap<string, Fact>,
  supplement: Supplement,
): InferredGraph {
  const versions = new Map(model.operatorSets.map(({ domain, version }) => [domainKey(domain), version]));
  const scope = new Scope(versions, null, 0);
  scope.bind(inputs);
  return { facts: scope.facts, work: scope.infer(model.graph, supplement, needed) };
}

/** '' and 'ai.onnx' are the same domain. */
function domainKey(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

const noWork: NodeWork = { flops: 0, workspaceBytes: 0 };
const noSupplement: Supplement = { known: new Map(), declared: () => null };

/** The tensors of one graph; bodies see those of the graphs around them. */
class Scope {
  readonly facts: Map<string, Fact> = new Map();
  readonly #versions: ReadonlyMap<string, number>;
  readonly #outer: Scope | null;
  readonly #depth: number;
  readonly #sparse: Set<string> = new Set();

  constructor(versions: ReadonlyMap<string, number>, outer: Scope | null, depth: number) {
    this.#versions = versions;
    this.#outer = outer;
    this.#depth = depth;
  }

  bind(facts: ReadonlyMap<string, Fact>): void {
    for (const [name, fact] of facts) this.facts.set(name, fact);
  }

  infer(graph: GraphProto, supplement: Supplement, needed: ReadonlySet<number> | null): NodeWork[] {
    for (const tensor of graph.initializers) this.facts.set(tensor.name, tensorFact(tensor));
    for (const name of initializerNames(graph)) if (!this.facts.has(name)) this.#sparse.add(name);
    return graph.nodes.map((node, position) => {
      if (needed?.has(position) === false) return noWork;
      const { outputs, work } = this.#inferNode(node, supplement);
      for (const [index, name] of node.outputs.entries()) {
        const fact = supplement.known.get(name) ?? outputs[index];
        if (name !== '' && fact !== undefined) this.facts.set(name, fact);
      }
      return work;
    });
  }

  #inferNode(
    node: NodeProto,
    supplement: Supplement,
  ): { outputs: readonly (Fact | undefined)[]; work: NodeWork } {
    const call = this.#call(node);
    try {
      const rule = ruleOf(node.domain, node.opType);
      if (rule === null) throw unknownOperator(node);
      const outputs = rule.infer(call);
      for (const fact of outputs) elementCount(fact.shape);
      for (const [index, name] of node.outputs.entries()) {
        if (name !== '' && outputs[index] === undefined)
          throw call.unsupported(`has output ${index} ('${name}')`);
      }
      return {
        outputs,
        work: { flops: rule.flops(call, outputs), workspaceBytes: rule.workspace(call, outputs) },
      };
    } catch (error) {
      const outputs = supplementFor(error, node, supplement);
      if (outputs === null) throw error;
      return { outputs, work: { flops: workOfUnknown(call, outputs), workspaceBytes: 0 } };
    }
  }

  #call(node: NodeProto): OperatorCall {
    const version = this.#versions.get(domainKey(node.domain)) ?? 1;
    const inputs = node.inputs.map((name) => (name === '' ? null : this.#find(name, node)));
    return new OperatorCall(node, version, inputs, (body, given) => this.#inferBody(body, given, node));
  }

  #find(name: string, node: NodeProto): Fact {
    const fact = this.search(name);
    if (fact !== null) return fact;
    if (this.isSparse(name)) {
      throw new UnsupportedError(
        `node ${nodeLabel(node)} reads '${name}', a sparse initializer`,
        'Export the model with dense initializers.',
      );
    }
    throw new InvalidInputError(
      `node ${nodeLabel(node)} reads '${name}', which no input, initializer or earlier node yields`,
      'The model is damaged, or its nodes are not in topological order: export it again.',
    );
  }

  search(name: string): Fact | null {
    return this.facts.get(name) ?? this.#outer?.search(name) ?? null;
  }

  isSparse(name: string): boolean {
    return this.#sparse.has(name) || (this.#outer?.isSparse(name) ?? false);
  }

  #inferBody(body: GraphProto, given: readonly Fact[], node: NodeProto): BodyResult {
    if (this.#depth >= deepestNesting) {
      throw new UnsupportedError(
        `node ${nodeLabel(node)} nests bodies deeper than ${deepestNesting}`,
        fillTheGap,
      );
    }
    const scope = new Scope(this.#versions, this, this.#depth + 1);
    scope.bind(new Map(body.inputs.flatMap(({ name }, index) => pair(name, given[index]))));
    const work = scope.infer(body, noSupplement, null);
    return {
      outputs: body.outputs.map(({ name }) => scope.#find(name, node)),
      flops: work.reduce((sum, { flops }) => sum + flops, 0),
    };
  }
}

function pair(name: string, fact: Fact | undefined): [string, Fact][] {
  return fact === undefined ? [] : [[name, fact]];
}

/**
 * Facts from elsewhere for all of a node's outputs, or null. What a run found mends any failure; what the model declares only a
 * missing rule, because a model that contradicts itself is wrong.
 */
function supplementFor(
  error: unknown,
  node: NodeProto,
  { known, declared }: Supplement,
): readonly (Fact | undefined)[] | null {
  if (!(error instanceof TandemError)) return null;
  const mayDeclare = error instanceof UnsupportedError;
  const facts = node.outputs.map((name) =>
    name === '' ? undefined : (known.get(name) ?? (mayDeclare ? declared(name) : null) ?? undefined),
  );
  return facts.every((fact, index) => fact !== undefined || node.outputs[index] === '') ? facts : null;
}

/** An operator without a rule is taken to do one operation an output element. */
function workOfUnknown(call: OperatorCall, outputs: readonly (Fact | undefined)[]): number {
  const rule = ruleOf(call.node.domain, call.node.opType);
  const facts = outputs.map((fact) => fact ?? factOf('float32', [0]));
  if (rule === null) return facts.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  try {
    return rule.flops(call, facts);
  } catch (error) {
    if (error instanceof TandemError) return facts.reduce((sum, { shape }) => sum + elementCount(shape), 0);
    throw error;
  }
}

function unknownOperator(node: NodeProto): UnsupportedError {
  return new UnsupportedError(`there is no shape rule for node ${nodeLabel(node)}`, fillTheGap);
}
