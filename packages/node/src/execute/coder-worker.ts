import { parentPort } from 'node:worker_threads';
import { type ActivationCoder, errorRecord, plainCoder, simdCoder } from '@tandem/core';
import { decodeWith, encodeWith } from '@tandem/runtime';
import type { CoderAnswer, CoderRequest } from './coder-messages.ts';
import type { NumberedAnswer, NumberedRequest } from './worker-messages.ts';

const coder: ActivationCoder = simdCoder() ?? plainCoder;

// The thread of `coderThread`: one tensor after the other, in the order of asking.
parentPort?.on('message', ({ id, request }: NumberedRequest<CoderRequest>) => {
  if (request.kind === 'end') return parentPort?.close();
  try {
    const answer = code(request);
    post({ id, answer }, [answer.data.buffer]);
  } catch (error) {
    post({ id, error: errorRecord(error) }, []);
  }
});

// What cannot be read cannot be answered by its number: the thread ends, and whoever waits for it learns that.
parentPort?.on('messageerror', (error) => {
  throw error;
});

function code(request: Exclude<CoderRequest, { kind: 'end' }>): CoderAnswer {
  const { data, form } = request;
  if (request.kind === 'decode') return { data: decodeWith(coder, data, form), rawBecause: null };
  const { bytes, rawBecause } = encodeWith(coder, data, form);
  return { data: bytes, rawBecause };
}

function post(message: NumberedAnswer<CoderAnswer>, buffers: ArrayBuffer[]): void {
  parentPort?.postMessage(message, buffers);
}
