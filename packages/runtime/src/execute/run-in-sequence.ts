import { ExecutionError } from '@tandem/core';
import type { LoadedSegment, TensorValue } from './executor.ts';

/**
 * The segments back to back in one process, each reading what came before it by name: what a distributed run has to equal bit for
 * bit. Leaves `inputs` as they are; returns `outputs` in the order asked for. Throws ExecutionError for a name that nothing made.
 */
export async function runInSequence(
  segments: readonly LoadedSegment[],
  inputs: readonly TensorValue[],
  outputs: readonly string[],
  signal: AbortSignal,
): Promise<readonly TensorValue[]> {
  const known = new Map(inputs.map((tensor) => [tensor.name, tensor]));
  for (const segment of segments) {
    const given = segment.inputs.map((name) => copyOf(find(known, name)));
    const result = await segment.run(given, signal);
    for (const tensor of result.outputs) known.set(tensor.name, tensor);
  }
  return outputs.map((name) => find(known, name));
}

/** A run takes its inputs' buffers away, and a later segment may need the same tensor. */
function copyOf(tensor: TensorValue): TensorValue {
  return { ...tensor, data: new Uint8Array(tensor.data) };
}

function find(known: ReadonlyMap<string, TensorValue>, name: string): TensorValue {
  const tensor = known.get(name);
  if (tensor !== undefined) return tensor;
  throw new ExecutionError(
    `no earlier segment and no input gives the tensor ${name}; there are ${[...known.keys()].join(', ')}`,
    'Put the segments in topological order, and give every input of the whole model.',
  );
}
