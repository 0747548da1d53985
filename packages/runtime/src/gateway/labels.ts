import type { Label } from '@tandem/core';
import type { TensorValue } from '../execute/executor.ts';
import { isAnswer } from './copy-routes.ts';
import type { DeployedTensor, Deployment } from './deployment.ts';

/** The model's one output of float32, whose greatest value is at the label; null where a model answers anything else. */
export function labelOutput({ routes, tensors }: Deployment): DeployedTensor | null {
  const outputs = new Set(routes.filter(isAnswer).map(({ tensor }) => tensor));
  const [name, more] = outputs;
  const output = tensors.find((tensor) => tensor.name === name);
  const isOne = output?.type === 'float32' && more === undefined;
  return isOne && output.shape.filter((size) => size !== 1).length <= 1 ? output : null;
}

/** The output that says this label and nothing else: 1 at the label, 0 elsewhere. Null where the model has no such label. */
export function oneHot(deployment: Deployment, label: Label): TensorValue | null {
  const output = labelOutput(deployment);
  const count = output?.shape.reduce((product, size) => product * size, 1) ?? 0;
  if (output === null || label >= count) return null;
  const values = new Float32Array(count);
  values[label] = 1;
  return { ...output, data: new Uint8Array(values.buffer) };
}

/** The label of an answer: of equals the first; null where the answer is none, or not finite. */
export function labelOf(deployment: Deployment, outputs: ReadonlyMap<string, TensorValue>): Label | null {
  const value = outputs.get(labelOutput(deployment)?.name ?? '');
  if (value === undefined) return null;
  const { buffer, byteOffset, length } = byteAligned(value.data);
  const scores = new Float32Array(buffer, byteOffset, length / Float32Array.BYTES_PER_ELEMENT);
  let best = 0;
  for (let label = 0; label < scores.length; label++) {
    const score = scores[label] ?? Number.NaN;
    if (!Number.isFinite(score)) return null;
    if (score > (scores[best] ?? 0)) best = label;
  }
  return best;
}

const byteAligned = (data: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
  data.byteOffset % Float32Array.BYTES_PER_ELEMENT === 0 ? data : new Uint8Array(data);
