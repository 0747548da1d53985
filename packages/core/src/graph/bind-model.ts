import { modelInputs } from '../onnx/dependence.ts';
import type { ModelProto, ValueInfo } from '../onnx/model.ts';
import type { Graph } from './graph.ts';

/** From this IR version on, an initializer that is also listed among the inputs may be overridden by the caller. */
const overridableFrom = 4;

/**
 * The same model with nothing left open: its inputs have the shapes of `graph`, and no weight is an input. A model runtime rewrites such
 * a model as it rewrites segments, which state the shapes of the run and hold their weights as constants; left open, it rounds
 * differently even where nothing is cut.
 */
export function bindModel(model: ModelProto, graph: Graph): ModelProto {
  const inputs = modelInputs(model.graph).map((input) => boundInput(input, graph));
  const irVersion = Math.max(model.irVersion, overridableFrom);
  return { ...model, irVersion, graph: { ...model.graph, inputs } };
}

/** Whether `bindModel` would change nothing that a model runtime sees. */
export function isBound(model: ModelProto): boolean {
  const inputs = modelInputs(model.graph);
  const overridable = model.irVersion >= overridableFrom && inputs.length < model.graph.inputs.length;
  return !overridable && inputs.every(hasFixedShape);
}

function hasFixedShape({ type }: ValueInfo): boolean {
  if (type?.kind !== 'tensor') return true;
  return type.shape?.every((extent) => typeof extent === 'number') ?? false;
}

function boundInput(input: ValueInfo, graph: Graph): ValueInfo {
  const tensor = graph.tensors.find(({ name }) => name === input.name);
  if (tensor === undefined) return input;
  return { ...input, type: { kind: 'tensor', elementType: tensor.type, shape: tensor.shape } };
}
