import { type ElementType, ExecutionError, seconds } from '@tandem/core';
import type { StoredSegment } from '../segment/segment.ts';
import type { Executor, LoadedSegment, TensorValue } from './executor.ts';
import { closedExecutor, requireInputs } from './required-inputs.ts';
import { tensorByteLength } from './tensor-bytes.ts';

/** What the null executor pretends that a segment is. */
export interface NullSegment {
  readonly inputs: readonly string[];
  readonly outputs: readonly TensorShape[];
}

export interface TensorShape {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
}

export interface NullExecutorOptions {
  /** By digest, or found by a function that throws for segments it does not know. */
  readonly segments: Readonly<Record<string, NullSegment>> | ((segment: StoredSegment) => NullSegment);
  /** The outputs of one execution. @default zeros in the shapes that the segment states */
  readonly respond?: (
    segment: NullSegment,
    inputs: readonly TensorValue[],
  ) => readonly TensorValue[] | Promise<readonly TensorValue[]>;
}

/** Honours the Executor interface and computes nothing, so that everything above it can be tested without a model runtime. */
export function nullExecutor(options: NullExecutorOptions): Executor {
  const respond = options.respond ?? ((segment: NullSegment) => segment.outputs.map(zeros));
  let closed = false;
  return {
    name: 'null',
    load: async (stored, { signal }) => {
      signal.throwIfAborted();
      if (closed) throw closedExecutor('null');
      return loadedNull(describe(options.segments, stored), respond, () => closed);
    },
    close: async () => {
      closed = true;
    },
  };
}

function describe(segments: NullExecutorOptions['segments'], stored: StoredSegment): NullSegment {
  if (typeof segments === 'function') return segments(stored);
  const segment = Object.hasOwn(segments, stored.digest) ? segments[stored.digest] : undefined;
  if (segment !== undefined) return segment;
  throw new ExecutionError(
    `the null executor knows no segment ${stored.digest}`,
    `Describe it; it knows ${Object.keys(segments).join(', ') || 'none'}.`,
  );
}

function loadedNull(
  segment: NullSegment,
  respond: NonNullable<NullExecutorOptions['respond']>,
  executorClosed: () => boolean,
): LoadedSegment {
  let closed = false;
  return {
    inputs: segment.inputs,
    outputs: segment.outputs.map(({ name }) => name),
    run: async (inputs, signal) => {
      signal.throwIfAborted();
      if (closed || executorClosed()) throw closedExecutor('null');
      requireInputs(segment.inputs, inputs, 'the null segment');
      const outputs = await respond(segment, inputs);
      return { outputs, computeSeconds: seconds(0), busySeconds: seconds(0) };
    },
    close: async () => {
      closed = true;
    },
  };
}

function zeros(tensor: TensorShape): TensorValue {
  return { ...tensor, data: new Uint8Array(tensorByteLength(tensor.type, tensor.shape)) };
}
