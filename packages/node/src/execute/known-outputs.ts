import type { ElementType } from '@tandem/core';
import { type TensorValue, tensorByteLength } from '@tandem/runtime';
import type { InferenceSession } from 'onnxruntime-node';

/** An output whose size is known before a run. */
export type KnownOutput = Omit<TensorValue, 'data'>;

/**
 * The outputs of a session in its order, null for one whose size depends on what it is given. What is known can be written into a
 * buffer of ours: one of the runtime's would stay in its arena until it is collected, in the way of the next run.
 */
export function knownOutputs(
  session: Pick<InferenceSession, 'inputMetadata' | 'outputMetadata'>,
): readonly (KnownOutput | null)[] {
  const isStatic = session.inputMetadata.every((input) => input.isTensor && sizes(input.shape) !== null);
  return session.outputMetadata.map((output) => {
    const shape = output.isTensor && isStatic ? sizes(output.shape) : null;
    // No sizes: a scalar, or a shape that the model does not state; the runtime tells both alike.
    if (!output.isTensor || shape === null || shape.length === 0) return null;
    const known = { name: output.name, type: output.type as ElementType, shape };
    return tensorByteLength(known.type, shape) === 0 ? null : known;
  });
}

export const knownBytes = ({ type, shape }: KnownOutput): number => tensorByteLength(type, shape);

/** What each known output is written to: `given`, one after the other where they have its size, or a new array. */
export function outputBuffers(
  outputs: readonly (KnownOutput | null)[],
  given: readonly Uint8Array<ArrayBuffer>[],
): readonly (TensorValue | null)[] {
  let next = 0;
  return outputs.map((output) => {
    if (output === null) return null;
    const data = given[next++];
    const length = knownBytes(output);
    return { ...output, data: data?.length === length ? data : new Uint8Array(length) };
  });
}

/** Null where a size is left open. */
function sizes(shape: readonly (number | string)[]): readonly number[] | null {
  const numbers = shape.filter((size): size is number => typeof size === 'number' && size >= 0);
  return numbers.length === shape.length ? numbers : null;
}
