import { parentPort, workerData } from 'node:worker_threads';
import { ExecutionError, errorRecord } from '@tandem/core';
import { ExitGuard } from './exit-guard.ts';
import { type OrtSession, ortSession } from './ort-session.ts';
import { pinThread } from './pin-thread.ts';
import { buffersOf, movable } from './transferable.ts';
import type {
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

async function guarded({ id, request }: NumberedRequest<WorkerRequest>): Promise<void> {
  if (!guard.enter()) return;
  try {
    if (request.kind === 'end') await end();
    else await answer(id, request);
  } finally {
    guard.leave();
  }
}

async function answer(id: number, request: Answered): Promise<void> {
  try {
    const answered = await execute(request);
    post(
      { id, answer: answered },
      answered.kind === 'ran' ? [...buffersOf(answered.outputs), ...answered.spent] : [],
    );
  } catch (error) {
    post({ id, error: errorRecord(error) }, []);
  }
}

function post(message: NumberedAnswer<WorkerAnswer>, buffers: ArrayBuffer[]): void {
  parentPort?.postMessage(message, buffers);
}

async function end(): Promise<void> {
  for (const session of sessions.values()) await session.release();
  parentPort?.close();
}

type RunRequest = Extract<WorkerRequest, { kind: 'run' }>;

type Answered = Exclude<WorkerRequest, { kind: 'end' }>;

async function execute(request: Answered): Promise<WorkerAnswer> {
  switch (request.kind) {
    case 'load':
      if (request.cpus !== undefined) pinThread(request.cpus);
      return load(request.session, await ortSession(request.model, request.options));
    case 'run':
      return run(find(request.session), request);
    case 'release':
      await find(request.session).release();
      sessions.delete(request.session);
      return { kind: 'released' };
  }
}

function load(number: number, session: OrtSession): WorkerAnswer {
  sessions.set(number, session);
  const { inputs, outputs, outputBytes } = session;
  return { kind: 'loaded', inputs, outputs, outputBytes };
}

async function run(session: OrtSession, { inputs, into }: RunRequest): Promise<WorkerAnswer> {
  const startedAt = performance.now();
  const { outputs, computeSeconds } = await session.run(inputs, into);
  const busyMilliseconds = performance.now() - startedAt;
  const spent = buffersOf(inputs);
  return { kind: 'ran', outputs: movable(outputs), computeSeconds, busyMilliseconds, spent };
}

function find(number: number): OrtSession {
  const session = sessions.get(number);
  if (session !== undefined) return session;
  throw new ExecutionError(
    'the segment is not loaded',
    'Load it first; once closed it has to be loaded again.',
  );
}
