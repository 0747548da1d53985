import { bindModel, encodedBytes, encodeModel, isBound, type ModelProto, modelInputs } from '@tandem/core';
import type { StoredSegment } from '@tandem/runtime';
import type { OpenedModel } from '../models/opened-model.ts';

/** Such weights must not be folded into anything, so Conv and BatchNormalization stay apart and round differently. */
export function hasOverridableWeights(model: ModelProto): boolean {
  return model.irVersion >= 4 && modelInputs(model.graph).length < model.graph.inputs.length;
}

/** What segments are held against: the file, or, where it leaves shapes or weights open, the same model with both as in the run. */
export function referenceModel({ path, model, graph }: OpenedModel): StoredSegment['model'] {
  if (isBound(model)) return { path };
  return { bytes: encodedBytes(encodeModel(bindModel(model, graph))), weights: null };
}
