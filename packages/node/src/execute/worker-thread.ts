import { Worker } from 'node:worker_threads';
import { ExecutionError, errorFromRecord, type TandemError } from '@tandem/core';
import { closedExecutor } from '@tandem/runtime';
import { ExitGuard, stopAtExit } from './exit-guard.ts';
import { withoutTelemetry } from './without-telemetry.ts';
import type {
  NumberedAnswer,
  NumberedRequest,
  WorkerAnswer,
  WorkerRequest,
  WorkerSetup,
} from './worker-messages.ts';

/** Where the compiled entry lies: beside this file, or in dist when this runs from TypeScript source. */
function entry(): URL {
  const inSource = import.meta.url.endsWith('.ts');
  return new URL(inSource ? '../../dist/execute/worker.js' : './worker.js', import.meta.url);
}

/** One worker thread and what is asked of it. When it ends, whatever waits for it is rejected. */
export class WorkerThread {
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  readonly #waiting: Map<number, Waiting> = new Map();
  #lastId = 0;
  #ended: TandemError | null = null;

  /** `program` runs in the thread; it answers NumberedRequests. */
  constructor(program: URL = entry()) {
    withoutTelemetry();
    const guard = new ExitGuard();
    const workerData: WorkerSetup = { exitState: guard.state };
    this.#worker = new Worker(program, { execArgv: [], workerData });
    const unwatch = stopAtExit(guard);
    this.#exited = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve())).then(unwatch);
    this.#worker.on('message', (message: NumberedAnswer) => this.#settle(message));
    this.#worker.on('messageerror', (cause) => this.#end(crashed(cause.message, cause)));
    this.#worker.on('error', (cause) => this.#end(crashed(cause.message, cause)));
    this.#worker.on('exit', (code) => this.#end(crashed(`it ended with code ${code}`)));
  }

  /** Rejects with the signal's reason when aborted first; the work itself goes on, and what it answers is dropped. */
  ask(request: WorkerRequest, move: ArrayBuffer[], signal: AbortSignal | null): Promise<WorkerAnswer> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.#waiting.delete(id);
        reject(signal?.reason);
      };
      if (signal?.aborted) return giveUp();
      const settled = (): void => signal?.removeEventListener('abort', giveUp);
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#waiting.set(id, { resolve, reject, settled });
      this.#post({ id, request }, move);
    });
  }

  /**
   * Rejects what is waited for at once, and resolves when the thread has ended: after the run that it is at, because ending a thread
   * inside the model runtime takes the whole process down.
   */
  async close(): Promise<void> {
    this.#end(closedExecutor('ort'));
    const end: NumberedRequest = { id: 0, request: { kind: 'end' } };
    this.#worker.postMessage(end);
    await this.#exited;
  }

  #post(numbered: NumberedRequest, move: ArrayBuffer[]): void {
    try {
      this.#worker.postMessage(numbered, move);
    } catch (cause) {
      this.#take(numbered.id)?.reject(notMovable(cause));
    }
  }

  #settle(message: NumberedAnswer): void {
    const waiting = this.#take(message.id);
    if ('error' in message) waiting?.reject(errorFromRecord(message.error));
    else waiting?.resolve(message.answer);
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.settled();
    return waiting;
  }

  #end(error: TandemError): void {
    this.#ended ??= error;
    for (const waiting of this.#waiting.values()) {
      waiting.settled();
      waiting.reject(this.#ended);
    }
    this.#waiting.clear();
  }
}

interface Waiting {
  resolve(answer: WorkerAnswer): void;
  reject(error: unknown): void;
  settled(): void;
}

function notMovable(cause: unknown): ExecutionError {
  return new ExecutionError(
    'the tensors cannot be moved to the thread that runs the model',
    'Hand over buffers that no other run has taken.',
    { cause },
  );
}

function crashed(why: string, cause?: unknown): ExecutionError {
  return new ExecutionError(
    `the thread that runs the model broke down: ${why}`,
    'Start the device again; if this repeats, report it with the model.',
    { cause },
  );
}
