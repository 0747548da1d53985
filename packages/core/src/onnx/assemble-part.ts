import { InvalidInputError } from '../errors.ts';
import type { ModelProto, ValueInfo, ValueType } from './model.ts';
import { fieldNumber } from './schema.ts';
import { restAbout } from './sparse-initializers.ts';
import type { Wiring } from './wiring.ts';

/** Finds the type of a boundary tensor; null = not known. */
export type TypeOf = (tensor: string) => ValueType | null;

export interface PartContent {
  /** Indices of the nodes that run here; constant ones that they need are added. */
  readonly members: ReadonlySet<number>;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly typeOf: TypeOf;
  readonly name?: string | undefined;
}

/** From this version on, initializers need not be listed among the inputs, so that the inputs are what a caller feeds. */
const separateInitializersVersion = 4;
/** ModelProto.training_info names tensors of the whole graph. */
const trainingInfoField = 20;

/** The sub-model of `content.members` with the constants and initializers that they need. */
export function assemblePart(model: ModelProto, wiring: Wiring, content: PartContent): ModelProto {
  const fed = new Set(content.inputs);
  const included = withConstants(wiring, content, fed);
  const kept = wiring.order.filter((index) => included.has(index));
  const inner = innerNames(wiring, kept, fed);
  const { graph } = model;
  return {
    ...model,
    irVersion: Math.max(model.irVersion, separateInitializersVersion),
    rest: model.rest.filter((field) => fieldNumber(field) !== trainingInfoField),
    graph: {
      ...graph,
      name: content.name ?? graph.name,
      nodes: kept.flatMap((index) => graph.nodes[index] ?? []),
      initializers: graph.initializers.filter((tensor) => inner.has(tensor.name)),
      inputs: content.inputs.map((tensor) => typed(tensor, 'input', content.typeOf)),
      outputs: content.outputs.map((tensor) => typed(tensor, 'output', content.typeOf)),
      valueInfos: innerInfos(graph.valueInfos, inner, content.outputs),
      rest: restAbout(graph, (tensor) => inner.has(tensor)),
    },
  };
}

/** The members and, behind them, every constant node that they or the outputs draw on. */
function withConstants(wiring: Wiring, content: PartContent, fed: ReadonlySet<string>): Set<number> {
  const included = new Set(content.members);
  const pending = [...content.members];
  const need = (tensor: string): void => {
    const source = wiring.producer.get(tensor);
    if (source === undefined || fed.has(tensor) || included.has(source)) return;
    included.add(source);
    pending.push(source);
  };
  for (const output of content.outputs) need(output);
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    for (const tensor of wiring.needs[index]?.reads ?? []) need(tensor);
  }
  return included;
}

/** What the part reads and yields itself: everything but what it is fed. */
function innerNames(wiring: Wiring, kept: readonly number[], fed: ReadonlySet<string>): Set<string> {
  const names = new Set<string>();
  for (const index of kept) {
    for (const tensor of wiring.needs[index]?.reads ?? []) names.add(tensor);
    for (const tensor of wiring.graph.nodes[index]?.outputs ?? []) names.add(tensor);
  }
  for (const tensor of ['', ...fed]) names.delete(tensor);
  return names;
}

function innerInfos(
  infos: readonly ValueInfo[],
  inner: ReadonlySet<string>,
  outputs: readonly string[],
): readonly ValueInfo[] {
  const outside = new Set(outputs);
  return infos.filter(({ name }) => inner.has(name) && !outside.has(name));
}

function typed(tensor: string, role: string, typeOf: TypeOf): ValueInfo {
  const type = typeOf(tensor);
  if (type) return { name: tensor, type, documentation: '', rest: [] };
  throw new InvalidInputError(
    `the type of tensor '${tensor}', an ${role} of the part, is not known`,
    'Infer the shapes of the model first, or cut elsewhere.',
  );
}
