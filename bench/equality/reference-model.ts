import {
  encodedBytes,
  encodeModel,
  type Graph,
  type ModelProto,
  modelInputs,
  type ValueInfo,
} from '@tandem/core';
import type { StoredSegment } from '@tandem/runtime';
import type { OpenedModel } from '../models/opened-model.ts';

/**
 * From IR version 4 on, a weight that is also listed among the graph's inputs may be overridden by the caller, so ONNX Runtime must not
 * fold it into anything: Conv and BatchNormalization stay apart and round differently. Segments hold their weights as constants.
 */
export function hasOverridableWeights(model: ModelProto): boolean {
  return model.irVersion >= 4 && modelInputs(model.graph).length < model.graph.inputs.length;
}

/** A batch that is left open keeps ONNX Runtime from rewrites that need every shape; segments state the shapes of the run. */
function hasOpenShapes(model: ModelProto): boolean {
  return modelInputs(model.graph).some(
    ({ type }) => type?.kind === 'tensor' && !isFixed(type.shape ?? [null]),
  );
}

const isFixed = (shape: readonly unknown[]): boolean => shape.every((extent) => typeof extent === 'number');

/** What segments are held against: the file, or, where it leaves shapes or weights open, the same model with both as in the run. */
export function referenceModel({ path, model, graph }: OpenedModel): StoredSegment['model'] {
  if (!hasOverridableWeights(model) && !hasOpenShapes(model)) return { path };
  const inputs = modelInputs(model.graph).map((input) => boundInput(input, graph));
  const bound = { ...model, graph: { ...model.graph, inputs } };
  return { bytes: encodedBytes(encodeModel(bound)), weights: null };
}

function boundInput(input: ValueInfo, graph: Graph): ValueInfo {
  const tensor = graph.tensors.find(({ name }) => name === input.name);
  if (tensor === undefined) return input;
  return { ...input, type: { kind: 'tensor', elementType: tensor.type, shape: tensor.shape } };
}
