import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ConnectionError, type DeviceId, type ErrorRecord, errorFromRecord, seconds } from '@tandem/core';
import type { ChaosResult } from './chaos-count.ts';
import type { ChaosGateway } from './chaos-gateway.ts';
import type { GatewayOrder, GatewayQuestion, GatewaySetup, GatewayWord } from './gateway-messages.ts';
import type { Standing } from './standing.ts';

export interface KillableOptions {
  readonly setup: GatewaySetup;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

interface OpenRequest {
  readonly sentAt: number;
  /** Told to be in the journal. */
  isAccepted: boolean;
}

interface Question {
  readonly resolve: (standing: Standing | null) => void;
  readonly reject: (error: Error) => void;
}

/** From the end of one that nobody killed to the next. */
const pauseSeconds = 0.2;

/**
 * A gateway in a process of its own, and the client of its journal: after a death, what was accepted is answered by the next gateway, and
 * what was not is sent again. What was accepted and is not in the next one's journal is lost.
 */
export class KillableGateway implements ChaosGateway {
  readonly #options: KillableOptions;
  readonly #open: Map<number, OpenRequest> = new Map();
  /** In which life of the gateway a request ended; one from an earlier life may be told again. */
  readonly #ended: Map<number, number> = new Map();
  readonly #questions: Map<number, Question> = new Map();
  readonly #arrived: ChaosResult[] = [];
  #wake: () => void = () => undefined;
  #child: ChildProcess | null = null;
  #isReady = false;
  #life = 0;
  #asked = 0;
  #downUntil = 0;
  #closed = false;
  #failure: ErrorRecord | null = null;
  readonly #kept: Promise<void>;

  private constructor(options: KillableOptions) {
    this.#options = options;
    this.#kept = this.#keep();
  }

  /** Throws what keeps the first one from serving. */
  static async open(options: KillableOptions): Promise<KillableGateway> {
    const gateway = new KillableGateway(options);
    try {
      await gateway.#untilReady(1, options.signal);
      return gateway;
    } catch (error) {
      await gateway.close();
      throw error;
    }
  }

  async *results(signal: AbortSignal): AsyncGenerator<ChaosResult, void, undefined> {
    const { requests, window } = this.#options.setup.document;
    const forget = (): void => this.#wake();
    signal.addEventListener('abort', forget);
    try {
      for (let next = 0; ; ) {
        signal.throwIfAborted();
        while (next < requests && this.#open.size + this.#arrived.length < window) this.#send(next++);
        const result = this.#arrived.shift();
        if (result !== undefined) yield result;
        else if (this.#open.size === 0) return;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      signal.removeEventListener('abort', forget);
    }
  }

  async standing(): Promise<Standing> {
    const standing = await this.#ask((id) => ({ kind: 'standing', id }));
    if (standing === null) throw new Error('the gateway replied to something else');
    return standing;
  }

  async ping(device: DeviceId): Promise<void> {
    await this.#ask((id) => ({ kind: 'ping', id, device }));
  }

  async kill(forSeconds: number, signal: AbortSignal): Promise<void> {
    const next = this.#life + 1;
    this.#downUntil = performance.now() + 1000 * forSeconds;
    this.#child?.kill('SIGKILL');
    await this.#untilReady(next, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const child = this.#child;
    if (this.#isReady) this.#tell({ kind: 'close' });
    else child?.kill('SIGKILL');
    const timer = setTimeout(() => child?.kill('SIGKILL'), 10_000);
    await this.#kept;
    clearTimeout(timer);
  }

  /** Starts one after the other. */
  async #keep(): Promise<void> {
    while (!this.#closed) {
      await this.#live();
      const down = Math.max(1000 * pauseSeconds, this.#downUntil - performance.now());
      if (!this.#closed) await sleep(down);
    }
  }

  async #live(): Promise<void> {
    const child = fork(fileURLToPath(new URL('gateway-process.js', import.meta.url)), {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [],
    });
    this.#life++;
    this.#child = child;
    child.on('message', (word: GatewayWord) => this.#hear(word));
    // A message to one that has just been killed fails; its end tells.
    child.on('error', () => undefined);
    this.#tell({ kind: 'start', setup: this.#options.setup });
    await new Promise<void>((resolve) => child.once('exit', () => resolve()));
    this.#isReady = false;
    this.#child = null;
    for (const { reject } of this.#questions.values())
      reject(new ConnectionError('the gateway has ended', 'It is started again: ask then.'));
    this.#questions.clear();
  }

  #tell(order: GatewayOrder): void {
    if (this.#child?.connected === true) this.#child.send(order, () => undefined);
  }

  #send(index: number): void {
    this.#open.set(index, { sentAt: performance.now(), isAccepted: false });
    if (this.#isReady) this.#tell({ kind: 'request', index });
  }

  #hear(word: GatewayWord): void {
    if (word.kind === 'log') this.#options.log(word.line);
    else if (word.kind === 'ready') this.#begin(new Set(word.open));
    else if (word.kind === 'accepted') {
      const request = this.#open.get(word.index);
      if (request !== undefined) request.isAccepted = true;
    } else if (word.kind === 'outcome') this.#end(word);
    else if (word.kind === 'failed') this.#failure = word.error;
    else {
      const question = this.#questions.get(word.id);
      this.#questions.delete(word.id);
      if (word.kind === 'reply') question?.resolve(word.standing);
      else question?.reject(errorFromRecord(word.error));
    }
  }

  #begin(journaled: ReadonlySet<number>): void {
    this.#isReady = true;
    for (const [index, { isAccepted }] of this.#open) {
      if (journaled.has(index)) continue;
      if (isAccepted) this.#open.delete(index);
      else this.#tell({ kind: 'request', index });
    }
    this.#wake();
  }

  #end({ index, outcome, repairs }: Extract<GatewayWord, { kind: 'outcome' }>): void {
    this.#tell({ kind: 'taken', index });
    const isToldAgain = (this.#ended.get(index) ?? this.#life) < this.#life;
    if (isToldAgain) return;
    const took = seconds((performance.now() - (this.#open.get(index)?.sentAt ?? Number.NaN)) / 1000);
    this.#open.delete(index);
    this.#ended.set(index, this.#life);
    const { outputs, error } = outcome;
    this.#arrived.push(
      outputs === null
        ? { index, answer: null, error }
        : { index, answer: { outputs, repairs, seconds: took }, error: null },
    );
    this.#wake();
  }

  #ask(questionOf: (id: number) => GatewayQuestion): Promise<Standing | null> {
    return new Promise((resolve, reject) => {
      if (!this.#isReady)
        return reject(new ConnectionError('no gateway serves', 'It is started again: ask then.'));
      const id = ++this.#asked;
      this.#questions.set(id, { resolve, reject });
      this.#tell(questionOf(id));
    });
  }

  async #untilReady(life: number, signal: AbortSignal): Promise<void> {
    while (!this.#isReady || this.#life < life) {
      if (this.#failure !== null && this.#life <= 1) throw errorFromRecord(this.#failure);
      await sleep(20, undefined, { signal });
    }
  }
}
