import {
  type ActivationCoder,
  type EncodedActivation,
  ExecutionError,
  elementCount,
  encodedActivationBytes,
  simdCoder,
} from '@tandem/core';
import { type CodedForm, decodeWith, encodeWith, SpareBuffers, type TensorCoder } from '@tandem/runtime';
import { nodeLossless } from '../codec/brotli.ts';
import type { CoderAnswer, CoderRequest } from './coder-messages.ts';
import { WorkerThread, workerProgram } from './worker-thread.ts';

export interface CoderThreadOptions {
  /** Where buffers come from and go to. @default its own */
  readonly spare?: SpareBuffers;
  /**
   * Tensors of at most so many bytes, before they are coded, are coded by the calling thread where it has vectors, unless they are compressed as
   * well: that takes a fifth of a millisecond a megabyte, less than to wake a thread and be woken. @default 1 MiB
   */
  readonly hereBytes?: number;
}

/**
 * Codes large tensors in a worker thread of its own, so that sockets are served meanwhile. Tensors to decode change threads without being
 * copied; what is encoded stays the caller's and is copied once. The thread starts with the first tensor that needs it and ends with `close`.
 */
export function coderThread({
  spare = new SpareBuffers(),
  hereBytes = 2 ** 20,
}: CoderThreadOptions = {}): TensorCoder {
  let here: ActivationCoder | null | undefined;
  let thread: WorkerThread<CoderRequest, CoderAnswer> | null = null;
  let closed = false;

  /** Null where the other thread is to do it. */
  function coderHere(form: CodedForm): ActivationCoder | null {
    if (closed || form.codec.lossless !== undefined || decodedBytes(form) > hereBytes) return null;
    if (here === undefined) here = simdCoder();
    return here;
  }

  async function ask(
    kind: 'encode' | 'decode',
    data: Uint8Array<ArrayBuffer>,
    form: CodedForm,
    signal: AbortSignal,
  ): Promise<CoderAnswer> {
    if (closed) throw closedCoder();
    thread ??= new WorkerThread({
      program: workerProgram('coder-worker'),
      does: 'codes tensors',
      closed: closedCoder,
    });
    const into = spare.take(
      kind === 'encode' ? encodedActivationBytes(form.shape, form.codec) : decodedBytes(form),
    );
    const answer = await thread.ask({ kind, data, into, form }, [data.buffer, into.buffer], signal);
    for (const spent of answer.spent) spare.give(spent);
    return answer;
  }

  return {
    name: 'thread',
    lossless: nodeLossless.map(({ name }) => name),
    encode: async (data, form, signal) => {
      signal.throwIfAborted();
      const coder = coderHere(form);
      if (coder !== null) return encodeHere(coder, data, form, spare);
      const copy = spare.take(data.length);
      copy.set(data);
      const answer = await ask('encode', copy, form, signal);
      return { bytes: answer.data, rawBecause: answer.rawBecause };
    },
    decode: async (data, form, signal) => {
      signal.throwIfAborted();
      const coder = coderHere(form);
      if (coder !== null) return decodeHere(coder, data, form, spare);
      return (await ask('decode', isWhole(data) ? data : new Uint8Array(data), form, signal)).data;
    },
    close: async () => {
      closed = true;
      await thread?.close();
    },
  };
}

const decodedBytes = ({ shape }: CodedForm): number =>
  Float32Array.BYTES_PER_ELEMENT * elementCount('tensor', shape);

const isWhole = (data: Uint8Array): boolean => data.byteLength === data.buffer.byteLength;

function encodeHere(
  coder: ActivationCoder,
  data: Uint8Array<ArrayBuffer>,
  form: CodedForm,
  spare: SpareBuffers,
): EncodedActivation {
  const into = spare.take(encodedActivationBytes(form.shape, form.codec));
  const encoded = encodeWith(coder, data, form, into);
  if (encoded.bytes.buffer !== into.buffer) spare.give(into);
  return encoded;
}

function decodeHere(
  coder: ActivationCoder,
  data: Uint8Array<ArrayBuffer>,
  form: CodedForm,
  spare: SpareBuffers,
): Uint8Array<ArrayBuffer> {
  const into = spare.take(decodedBytes(form));
  const values = decodeWith(coder, data, form, into);
  if (values.buffer !== into.buffer) spare.give(into);
  if (isWhole(data) && values.buffer !== data.buffer) spare.give(data);
  return values;
}

function closedCoder(): ExecutionError {
  return new ExecutionError('the coder of tensors is closed', 'Start the agent again.');
}
