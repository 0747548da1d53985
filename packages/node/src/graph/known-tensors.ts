import {
  type Binding,
  encodedBytes,
  encodeModel,
  InvalidInputError,
  inputsOf,
  type KnownTensor,
  type ModelProto,
  type NodeProto,
  type ValueInfo,
} from '@tandem/core';
import { type TensorValue, tensorByteLength } from '@tandem/runtime';
import { ortSession } from '../execute/ort-session.ts';

export interface KnownTensorsOptions extends Binding {
  /** Values of some or all inputs, where shapes depend on them. @default zeros */
  readonly inputs?: readonly TensorValue[];
}

/** Operators whose outputs are sequences or optionals, which cannot be handed over. */
const notTensors = /^(Sequence(Construct|Insert|Erase|Empty|Map)|SplitToSequence|Optional|ZipMap)/;

/**
 * Executes the model once with its intermediate tensors as outputs and reports what type and shape each had: what `graphOf` takes
 * as `known` for operators without a shape rule. Runs on the calling thread and holds every activation at once. Throws
 * InvalidInputError for an input that the model has not, and what `ortSession` throws.
 */
export async function knownTensors(
  model: ModelProto,
  options: KnownTensorsOptions = {},
): Promise<readonly KnownTensor[]> {
  const inputs = inputValues(model, options);
  const revealed = encodedBytes(encodeModel(revealAll(model)));
  const session = await ortSession(
    { bytes: revealed, weights: null },
    { name: model.graph.name, optimisation: 'basic' },
  );
  try {
    const { outputs } = await session.run(inputs);
    return outputs.map(({ name, type, shape }) => ({ name, type, shape }));
  } finally {
    await session.release();
  }
}

/** The model with every tensor that a node yields as an output. */
function revealAll(model: ModelProto): ModelProto {
  const { graph } = model;
  const declared = new Set(graph.outputs.map(({ name }) => name));
  const hidden = [...new Set(graph.nodes.flatMap(tensorNames))].filter((name) => !declared.has(name));
  return { ...model, graph: { ...graph, outputs: [...graph.outputs, ...hidden.map(untyped)] } };
}

function tensorNames(node: NodeProto): readonly string[] {
  return node.opType === 'Constant' || notTensors.test(node.opType)
    ? []
    : node.outputs.filter((name) => name !== '');
}

/** The runtime infers the type itself. */
function untyped(name: string): ValueInfo {
  return { name, type: null, documentation: '', rest: [] };
}

function inputValues(model: ModelProto, options: KnownTensorsOptions): readonly TensorValue[] {
  const given = new Map((options.inputs ?? []).map((input) => [input.name, input]));
  const inputs = inputsOf(model, options);
  const unknown = [...given.keys()].find((name) => !inputs.some((input) => input.name === name));
  if (unknown !== undefined) {
    throw new InvalidInputError(
      `the model has no input '${unknown}', expected ${inputs.map(({ name }) => `'${name}'`).join(', ')}`,
      'Name the inputs as the model does.',
    );
  }
  return inputs.map((input) => given.get(input.name) ?? zeros(input));
}

function zeros({ name, type, shape }: KnownTensor): TensorValue {
  return { name, type, shape, data: new Uint8Array(tensorByteLength(type, shape)) };
}
