import { parentPort } from 'node:worker_threads';
import { errorRecord, fastestCoder, type RawReason } from '@tandem/core';
import { decodeWith, encodeWith, losslessCoders } from '@tandem/runtime';
import { nodeLossless } from '../codec/brotli.ts';
import type { CoderAnswer, CoderRequest } from './coder-messages.ts';
import type { NumberedAnswer, NumberedRequest } from './worker-messages.ts';

const coderOf = losslessCoders(fastestCoder(), nodeLossless);

// The thread of `coderThread`: one tensor after the other, in the order of asking.
parentPort?.on('message', ([id, request]: NumberedRequest<CoderRequest>) => {
  if (request === 'end') return parentPort?.close();
  try {
    const answer = code(request);
    post([id, 'answer', answer], [answer.data.buffer, ...answer.spent.map(({ buffer }) => buffer)]);
  } catch (error) {
    post([id, 'error', errorRecord(error)], []);
  }
});

// What cannot be read cannot be answered by its number: the thread ends, and whoever waits for it learns that.
parentPort?.on('messageerror', (error) => {
  throw error;
});

function code(request: CoderRequest): CoderAnswer {
  const { data, into, form } = request;
  if (request.kind === 'decode') return answerOf(request, decodeWith(coderOf(form), data, form, into), null);
  const { bytes, rawBecause } = encodeWith(coderOf(form), data, form, into);
  return answerOf(request, bytes, rawBecause);
}

function answerOf(
  { data: coded, into }: CoderRequest,
  data: CoderAnswer['data'],
  rawBecause: RawReason,
): CoderAnswer {
  return { data, rawBecause, spent: [coded, into].filter(({ buffer }) => buffer !== data.buffer) };
}

function post(message: NumberedAnswer<CoderAnswer>, buffers: ArrayBuffer[]): void {
  parentPort?.postMessage(message, buffers);
}
