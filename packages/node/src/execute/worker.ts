import { parentPort } from 'node:worker_threads';
import { ExecutionError, errorRecord } from '@tandem/core';
import { type OrtSession, ortSession } from './ort-session.ts';
import { buffersOf, movable } from './transferable.ts';
import type { NumberedAnswer, NumberedRequest, WorkerAnswer, WorkerRequest } from './worker-messages.ts';

const sessions = new Map<number, OrtSession>();
let last: Promise<void> = Promise.resolve();

// One after the other: a session's run blocks this thread anyway, and its time must not count a neighbour's.
parentPort?.on('message', (message: NumberedRequest) => {
  last = last.then(() => answer(message));
});

async function answer({ id, request }: NumberedRequest): Promise<void> {
  try {
    const answered = await execute(request);
    post({ id, answer: answered }, answered.kind === 'ran' ? buffersOf(answered.outputs) : []);
  } catch (error) {
    post({ id, error: errorRecord(error) }, []);
  }
}

function post(message: NumberedAnswer, buffers: ArrayBuffer[]): void {
  parentPort?.postMessage(message, buffers);
}

async function execute(request: WorkerRequest): Promise<WorkerAnswer> {
  switch (request.kind) {
    case 'load':
      return load(request.session, await ortSession(request.model, request.options));
    case 'run':
      return run(find(request.session), request.inputs);
    case 'release':
      await find(request.session).release();
      sessions.delete(request.session);
      return { kind: 'released' };
  }
}

function load(number: number, session: OrtSession): WorkerAnswer {
  sessions.set(number, session);
  return { kind: 'loaded', inputs: session.inputs, outputs: session.outputs };
}

async function run(session: OrtSession, inputs: Parameters<OrtSession['run']>[0]): Promise<WorkerAnswer> {
  const startedAt = performance.now();
  const { outputs, computeSeconds } = await session.run(inputs);
  return {
    kind: 'ran',
    outputs: movable(outputs),
    computeSeconds,
    busyMilliseconds: performance.now() - startedAt,
  };
}

function find(number: number): OrtSession {
  const session = sessions.get(number);
  if (session !== undefined) return session;
  throw new ExecutionError(
    'the segment is not loaded',
    'Load it first; once closed it has to be loaded again.',
  );
}
