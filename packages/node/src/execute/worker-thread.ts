import { Worker } from 'node:worker_threads';
import { ExecutionError, errorFromRecord, type TandemError } from '@tandem/core';
import { onAbort } from '@tandem/runtime';
import { ExitGuard, stopAtExit } from './exit-guard.ts';
import { withoutTelemetry } from './without-telemetry.ts';
import type { NumberedAnswer, NumberedRequest, WorkerSetup } from './worker-messages.ts';

/** Where the compiled entry lies: beside this file, or in dist when this runs from TypeScript source. */
export function workerProgram(name: 'worker' | 'coder-worker'): URL {
  const inSource = import.meta.url.endsWith('.ts');
  return new URL(inSource ? `../../dist/execute/${name}.js` : `./${name}.js`, import.meta.url);
}

export interface WorkerThreadOptions {
  /** Runs in the thread; it answers NumberedRequests. */
  readonly program: URL;
  /** Completes 'the thread that …' in errors. */
  readonly does: string;
  /** What is thrown once it was closed. */
  readonly closed: () => TandemError;
}

/** One worker thread and what is asked of it. When it ends, whatever waits for it is rejected. */
export class WorkerThread<Request, Answer> {
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  readonly #waiting: Map<number, Waiting<Answer>> = new Map();
  readonly #options: WorkerThreadOptions;
  #lastId = 0;
  #ended: TandemError | null = null;

  constructor(options: WorkerThreadOptions) {
    withoutTelemetry();
    this.#options = options;
    const { program, does } = options;
    const guard = new ExitGuard();
    const workerData: WorkerSetup = { exitState: guard.state };
    this.#worker = new Worker(program, { execArgv: [], workerData });
    const unwatch = stopAtExit(guard);
    this.#exited = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve())).then(unwatch);
    this.#worker.on('message', (message: NumberedAnswer<Answer>) => this.#settle(message));
    this.#worker.on('messageerror', (cause) => this.#end(crashed(does, cause.message, cause)));
    this.#worker.on('error', (cause) => this.#end(crashed(does, cause.message, cause)));
    this.#worker.on('exit', (code) => this.#end(crashed(does, `it ended with code ${code}`)));
  }

  /** Rejects with the signal's reason when aborted first; the work itself goes on, and what it answers is dropped. */
  ask(request: Request, move: ArrayBuffer[], signal: AbortSignal | null): Promise<Answer> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.#waiting.delete(id);
        reject(signal?.reason);
      };
      if (signal?.aborted) return giveUp();
      const settled = signal === null ? () => undefined : onAbort(signal, giveUp);
      this.#waiting.set(id, { resolve, reject, settled });
      this.#post([id, request], move);
    });
  }

  /**
   * Rejects what is waited for at once, and resolves when the thread has ended: after the run that it is at, because ending a thread
   * inside the model runtime takes the whole process down.
   */
  async close(): Promise<void> {
    this.#end(this.#options.closed());
    const end: NumberedRequest<Request> = [0, 'end'];
    this.#worker.postMessage(end);
    await this.#exited;
  }

  #post(numbered: NumberedRequest<Request>, move: ArrayBuffer[]): void {
    try {
      this.#worker.postMessage(numbered, move);
    } catch (cause) {
      this.#take(numbered[0])?.reject(notMovable(this.#options.does, cause));
    }
  }

  #settle(message: NumberedAnswer<Answer>): void {
    const waiting = this.#take(message[0]);
    if (message[1] === 'error') waiting?.reject(errorFromRecord(message[2]));
    else waiting?.resolve(message[2]);
  }

  #take(id: number): Waiting<Answer> | undefined {
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

interface Waiting<Answer> {
  resolve(answer: Answer): void;
  reject(error: unknown): void;
  settled(): void;
}

function notMovable(does: string, cause: unknown): ExecutionError {
  return new ExecutionError(
    `the tensors cannot be moved to the thread that ${does}`,
    'Hand over buffers that no other run has taken.',
    { cause },
  );
}

function crashed(does: string, why: string, cause?: unknown): ExecutionError {
  return new ExecutionError(
    `the thread that ${does} broke down: ${why}`,
    'Start the device again; if this repeats, report it with the model.',
    { cause },
  );
}
