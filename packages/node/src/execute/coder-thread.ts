import { ExecutionError } from '@tandem/core';
import type { CodedForm, TensorCoder } from '@tandem/runtime';
import type { CoderAnswer, CoderRequest } from './coder-messages.ts';
import { WorkerThread, workerProgram } from './worker-thread.ts';

/**
 * Codes tensors in a worker thread of its own, so that sockets are served meanwhile. Tensors to decode change threads without being
 * copied; what is encoded stays the caller's and is copied once. The thread starts with the first tensor and ends with `close`.
 */
export function coderThread(): TensorCoder {
  let thread: WorkerThread<CoderRequest, CoderAnswer> | null = null;
  let closed = false;

  function ask(
    kind: 'encode' | 'decode',
    data: Uint8Array<ArrayBuffer>,
    form: CodedForm,
    signal: AbortSignal,
  ): Promise<CoderAnswer> {
    if (closed) return Promise.reject(closedCoder());
    thread ??= new WorkerThread({
      program: workerProgram('coder-worker'),
      does: 'codes tensors',
      closed: closedCoder,
    });
    return thread.ask({ kind, data, form }, [data.buffer], signal);
  }

  return {
    name: 'thread',
    encode: async (data, form, signal) => {
      const answer = await ask('encode', new Uint8Array(data), form, signal);
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

function closedCoder(): ExecutionError {
  return new ExecutionError('the coder of tensors is closed', 'Start the agent again.');
}
