import { encodedBytes, encodeModel, type ModelProto, modelInputs } from '@tandem/core';
import type { StoredSegment } from '@tandem/runtime';
import type { OpenedModel } from '../models/opened-model.ts';

/**
 * From IR version 4 on, a weight that is also listed among the graph's inputs may be overridden by the caller, so ONNX Runtime must not
 * fold it into anything: Conv and BatchNormalization stay apart and round differently. Segments hold their weights as constants.
 */
export function hasOverridableWeights(model: ModelProto): boolean {
  return model.irVersion >= 4 && modelInputs(model.graph).length < model.graph.inputs.length;
}

/** What segments are held against: the file, or, where its weights are overridable, the same model with constant weights. */
export function referenceModel({ path, model }: OpenedModel): StoredSegment['model'] {
  if (!hasOverridableWeights(model)) return { path };
  const graph = { ...model.graph, inputs: modelInputs(model.graph) };
  return { bytes: encodedBytes(encodeModel({ ...model, graph })), weights: null };
}
