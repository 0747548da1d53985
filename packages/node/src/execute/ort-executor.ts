import { ExecutionError, seconds } from '@tandem/core';
import {
  closedExecutor,
  type Executor,
  type LoadedSegment,
  type LoadOptions,
  type SegmentResult,
  type SpareBuffers,
  type StoredSegment,
  type TensorValue,
} from '@tandem/runtime';
import { requireSize } from './element-tensors.ts';
import type { OrtSessionOptions } from './ort-session.ts';
import { buffersOf, letGo, movable, tensorsOf } from './transferable.ts';
import type { Boundary, WorkerAnswer, WorkerRequest } from './worker-messages.ts';
import { WorkerThread, workerProgram } from './worker-thread.ts';

type OrtThread = WorkerThread<WorkerRequest, WorkerAnswer>;

export interface OrtExecutorOptions {
  /** Where buffers of outputs come from and those of inputs go to. @default new memory, let go at once */
  readonly spare?: SpareBuffers;
}

/**
 * Executes segments on ONNX Runtime in a worker thread of its own, so that the process stays responsive during a run. Tensors change
 * threads without being copied: the buffers of a run's inputs are gone afterwards. A run cannot be interrupted; aborted, its result
 * is dropped. The thread starts with the first segment and ends with `close`; segments that are held to processors have one for each set of them.
 */
export function ortExecutor({ spare }: OrtExecutorOptions = {}): Executor {
  const threads = new Map<string, OrtThread>();
  let closed = false;
  let lastSession = 0;
  return {
    name: 'ort',
    load: (stored, options) => {
      if (closed) return Promise.reject(closedExecutor('ort'));
      const processors = options.cpus?.toSorted((left, right) => left - right).join() ?? '';
      const thread = threads.get(processors) ?? ortThread();
      threads.set(processors, thread);
      return load({ thread, spare: spare ?? null }, ++lastSession, stored, options);
    },
    close: async () => {
      closed = true;
      await Promise.all([...threads.values()].map((thread) => thread.close()));
    },
  };
}

function ortThread(): OrtThread {
  return new WorkerThread({
    program: workerProgram('worker'),
    does: 'runs the model',
    closed: () => closedExecutor('ort'),
  });
}

interface Owner {
  readonly thread: OrtThread;
  readonly spare: SpareBuffers | null;
}

async function load(
  owner: Owner,
  session: number,
  stored: StoredSegment,
  options: LoadOptions,
): Promise<LoadedSegment> {
  const { model } = stored;
  const { thread } = owner;
  const { cpus } = options;
  const pinning = cpus === undefined ? {} : { cpus };
  const what = { model, options: sessionOptions(stored, options), ...pinning };
  try {
    const answer = await thread.ask(['load', session, what], [], options.signal);
    const [, boundary] = expect(answer, 'loaded');
    return new OrtSegment(owner, session, boundary);
  } catch (error) {
    // The thread may still be at it: what it loads after all is let go again.
    if (options.signal.aborted) void release(thread, session);
    throw error;
  }
}

function sessionOptions(
  { digest }: StoredSegment,
  { threads, optimisation }: LoadOptions,
): OrtSessionOptions {
  return {
    name: `segment ${digest.slice(0, 12)}`,
    ...(threads === undefined ? {} : { threads }),
    ...(optimisation === undefined ? {} : { optimisation }),
  };
}

class OrtSegment implements LoadedSegment {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly #owner: Owner;
  readonly #session: number;
  readonly #outputBytes: readonly number[];
  #closed = false;

  constructor(owner: Owner, session: number, { inputs, outputs, outputBytes }: Boundary) {
    this.#owner = owner;
    this.#session = session;
    this.#outputBytes = outputBytes;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  async run(inputs: readonly TensorValue[], signal: AbortSignal): Promise<SegmentResult> {
    if (this.#closed) throw closedExecutor('ort');
    inputs.forEach(requireSize);
    const { thread, spare } = this.#owner;
    const moved = movable(inputs);
    const into = spare === null ? [] : this.#outputBytes.map((length) => spare.take(length).buffer);
    const request = ['run', this.#session, moved, into] as const;
    const answer = await thread.ask(request, [...buffersOf(moved), ...into], signal);
    const [, outputs, computeSeconds, busyMilliseconds, spent] = expect(answer, 'ran');
    if (spare === null) letGo([...spent]);
    else for (const buffer of spent) spare.give({ buffer });
    return { outputs: tensorsOf(outputs), computeSeconds, busySeconds: seconds(busyMilliseconds / 1000) };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await release(this.#owner.thread, this.#session);
  }
}

/** A thread that has ended, or a session that never came to be, holds nothing to release. */
async function release(thread: OrtThread, session: number): Promise<void> {
  await thread.ask(['release', session], [], null).catch(() => undefined);
}

function expect<Kind extends WorkerAnswer[0]>(
  answer: WorkerAnswer,
  kind: Kind,
): Extract<WorkerAnswer, readonly [Kind, ...unknown[]]> {
  if (answer[0] === kind) return answer as Extract<WorkerAnswer, readonly [Kind, ...unknown[]]>;
  throw new ExecutionError(`the thread answered '${answer[0]}', expected '${kind}'`, 'Report this.');
}
