import { ExecutionError, elementCount, encodedActivationBytes } from '@tandem/core';
import { type CodedForm, SpareBuffers, type TensorCoder } from '@tandem/runtime';
import { nodeLossless } from '../codec/brotli.ts';
import type { CoderAnswer, CoderRequest } from './coder-messages.ts';
import { WorkerThread, workerProgram } from './worker-thread.ts';

export interface CoderThreadOptions {
  /** Where buffers come from and go to. @default its own */
  readonly spare?: SpareBuffers;
}

/**
 * Codes tensors in a worker thread of its own, so that sockets are served meanwhile. Tensors to decode change threads without being
 * copied; what is encoded stays the caller's and is copied once. The thread starts with the first tensor and ends with `close`.
 */
export function coderThread({ spare = new SpareBuffers() }: CoderThreadOptions = {}): TensorCoder {
  let thread: WorkerThread<CoderRequest, CoderAnswer> | null = null;
  let closed = false;

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
      const copy = spare.take(data.length);
      copy.set(data);
      const answer = await ask('encode', copy, form, signal);
      return { bytes: answer.data, rawBecause: answer.rawBecause };
    },
    decode: async (data, form, signal) => {
      const isWhole = data.byteLength === data.buffer.byteLength;
      return (await ask('decode', isWhole ? data : new Uint8Array(data), form, signal)).data;
    },
    close: async () => {
      closed = true;
      await thread?.close();
    },
  };
}

const decodedBytes = ({ shape }: CodedForm): number =>
  Float32Array.BYTES_PER_ELEMENT * elementCount('tensor', shape);

function closedCoder(): ExecutionError {
  return new ExecutionError('the coder of tensors is closed', 'Start the agent again.');
}
