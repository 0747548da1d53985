import { parentPort, workerData } from 'node:worker_threads';
import { ExecutionError, errorRecord } from '@tandem/core';
import { ExitGuard } from './exit-guard.ts';
import { type OrtSession, ortSession } from './ort-session.ts';
import { pinThread } from './pin-thread.ts';
import { buffersOf, movable, tensorsOf } from './transferable.ts';
import type {
  LoadedModel,
  MovedTensor,
  NumberedAnswer,
  NumberedRequest,
  WorkerAnswer,
  WorkerRequest,
  WorkerSetup,
} from './worker-messages.ts';

const guard = new ExitGuard((workerData as WorkerSetup).exitState);
const sessions = new Map<number, OrtSession>();
let last: Promise<void> = Promise.resolve();

// One after the other: a session's run blocks this thread anyway, and its time must not count a neighbour's.
parentPort?.on('message', (message: NumberedRequest<WorkerRequest>) => {
  last = last.then(() => guarded(message));
});

// What cannot be read cannot be answered by its number: the thread ends, and whoever waits for it learns that.
parentPort?.on('messageerror', (error) => {
  throw error;
});

async function guarded([id, request]: NumberedRequest<WorkerRequest>): Promise<void> {
  if (!guard.enter()) return;
  try {
    if (request === 'end') await end();
    else await answer(id, request);
  } finally {
    guard.leave();
  }
}

async function answer(id: number, request: WorkerRequest): Promise<void> {
  try {
    const answered = await execute(request);
    post([id, 'answer', answered], answered[0] === 'ran' ? [...buffersOf(answered[1]), ...answered[4]] : []);
  } catch (error) {
    post([id, 'error', errorRecord(error)], []);
  }
}

function post(message: NumberedAnswer<WorkerAnswer>, buffers: ArrayBuffer[]): void {
  parentPort?.postMessage(message, buffers);
}

async function end(): Promise<void> {
  for (const session of sessions.values()) await session.release();
  parentPort?.close();
}

function execute(request: WorkerRequest): Promise<WorkerAnswer> {
  switch (request[0]) {
    case 'load':
      return load(request[1], request[2]);
    case 'run':
      return run(request[1], request[2], request[3]);
    case 'release':
      return release(request[1]);
  }
}

async function load(number: number, { model, options, cpus }: LoadedModel): Promise<WorkerAnswer> {
  if (cpus !== undefined) pinThread(cpus);
  const session = await ortSession(model, options);
  sessions.set(number, session);
  const { inputs, outputs, outputBytes } = session;
  return ['loaded', { inputs, outputs, outputBytes }];
}

async function release(number: number): Promise<WorkerAnswer> {
  await find(number).release();
  sessions.delete(number);
  return ['released'];
}

async function run(
  number: number,
  inputs: readonly MovedTensor[],
  into: readonly ArrayBuffer[],
): Promise<WorkerAnswer> {
  const startedAt = performance.now();
  const room = into.map((buffer) => new Uint8Array(buffer));
  const { outputs, computeSeconds } = await find(number).run(tensorsOf(inputs), room);
  const busyMilliseconds = performance.now() - startedAt;
  return ['ran', movable(outputs), computeSeconds, busyMilliseconds, buffersOf(inputs)];
}

function find(number: number): OrtSession {
  const session = sessions.get(number);
  if (session !== undefined) return session;
  throw new ExecutionError(
    'the segment is not loaded',
    'Load it first; once closed it has to be loaded again.',
  );
}
