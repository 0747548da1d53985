import {
  errorFromRecord,
  errorRecord,
  InvalidInputError,
  type Seconds,
  scheduleDefaults,
  type TandemError,
} from '@tandem/core';
import type { TensorValue } from '../execute/executor.ts';
import { WaitingList } from '../waiting-list.ts';
import { onAbort } from '../wire/on-abort.ts';
import type { Answer, PendingRequest } from './pending-request.ts';

/** One request of a stream. */
export interface StreamItem {
  readonly inputs: readonly TensorValue[];
  /** @default the deployment's requestTimeoutSeconds */
  readonly timeoutSeconds?: Seconds;
  /** @default the deployment's */
  readonly priority?: number;
  /** The deployment to run under. @default the latest */
  readonly version?: number;
  /** Cancels this request alone. */
  readonly signal?: AbortSignal;
}

/** How one request of a stream ended. `index` counts the items from 0. */
export type StreamResult =
  | { readonly index: number; readonly answer: Answer; readonly error: null }
  | { readonly index: number; readonly answer: null; readonly error: TandemError };

export interface StreamOptions {
  /** Requests handed in whose results were not taken. @default scheduleDefaults.window */
  readonly window?: number;
  /** True: results come in the order of the items. @default true */
  readonly ordered?: boolean;
  /** Cancels all. */
  readonly signal: AbortSignal;
}

/** What the stream does with the gateway. */
export interface StreamDesk {
  /** Throws what is wrong with the item. */
  submit(item: StreamItem, signal: AbortSignal): PendingRequest;
  take(pending: PendingRequest): void;
}

interface Settled {
  readonly result: StreamResult;
  readonly pending: PendingRequest | null;
}

type Items = Iterator<StreamItem> | AsyncIterator<StreamItem>;

/**
 * Items in, results out. An item is asked for only when fewer than `window` are handed in and not taken, so that whoever stops taking
 * results stops the source as well, and nothing piles up in between.
 */
export class AnswerStream {
  readonly #desk: StreamDesk;
  readonly #items: Items;
  readonly #window: number;
  readonly #ordered: boolean;
  readonly #life: AbortController = new AbortController();
  readonly #changed: WaitingList = new WaitingList();
  readonly #settled: Map<number, Settled> = new Map();
  #next = 0;
  #handedIn = 0;
  #taken = 0;
  #sourceEnded = false;
  #sourceError: { readonly error: unknown } | null = null;

  constructor(
    desk: StreamDesk,
    items: Items,
    { window = scheduleDefaults.window, ordered = true }: StreamOptions,
  ) {
    if (!(Number.isInteger(window) && window >= 1)) throw badWindow(window);
    this.#desk = desk;
    this.#items = items;
    this.#window = window;
    this.#ordered = ordered;
  }

  /** Yields every result once; rejects with the signal's reason, or with what the source of items throws. */
  async *results(signal: AbortSignal): AsyncGenerator<StreamResult, void, undefined> {
    signal.throwIfAborted();
    const forget = onAbort(signal, () => this.#life.abort(signal.reason));
    void this.#pump();
    try {
      for (;;) {
        const settled = await this.#take();
        if (settled === null) break;
        yield settled.result;
      }
    } finally {
      forget();
      this.#life.abort(new Error('the stream was left'));
      this.#changed.wakeAll();
      for (const { pending } of this.#settled.values()) if (pending !== null) this.#desk.take(pending);
    }
  }

  async #take(): Promise<Settled | null> {
    for (;;) {
      this.#life.signal.throwIfAborted();
      const index = this.#ordered ? this.#next : (firstKey(this.#settled) ?? -1);
      const settled = this.#settled.get(index);
      if (settled !== undefined) {
        this.#settled.delete(index);
        this.#next = index + 1;
        this.#taken++;
        if (settled.pending !== null) this.#desk.take(settled.pending);
        this.#changed.wakeAll();
        return settled;
      }
      if (this.#sourceEnded && this.#taken === this.#handedIn) {
        if (this.#sourceError !== null) throw this.#sourceError.error;
        return null;
      }
      await this.#changed.wait(this.#life.signal);
    }
  }

  /** Never rejects: what the source throws is kept for the one that takes results. */
  async #pump(): Promise<void> {
    try {
      for (;;) {
        while (this.#handedIn - this.#taken >= this.#window) await this.#changed.wait(this.#life.signal);
        const step = await this.#items.next();
        if (step.done === true || this.#life.signal.aborted) break;
        this.#handIn(step.value, this.#handedIn++);
      }
    } catch (error) {
      this.#sourceError = { error };
    }
    this.#sourceEnded = true;
    this.#changed.wakeAll();
    if (this.#life.signal.aborted) await Promise.resolve(this.#items.return?.()).catch(() => undefined);
  }

  #handIn(item: StreamItem, index: number): void {
    try {
      const pending = this.#desk.submit(item, this.#life.signal);
      void pending.answer.then(
        (answer) => this.#settle({ result: { index, answer, error: null }, pending }),
        (error: unknown) => this.#settle({ result: failureOf(index, error), pending }),
      );
    } catch (error) {
      this.#settle({ result: failureOf(index, error), pending: null });
    }
  }

  #settle(settled: Settled): void {
    if (this.#life.signal.aborted && settled.pending !== null) return this.#desk.take(settled.pending);
    this.#settled.set(settled.result.index, settled);
    this.#changed.wakeAll();
  }
}

function failureOf(index: number, error: unknown): StreamResult {
  return { index, answer: null, error: errorFromRecord(errorRecord(error)) };
}

function firstKey(map: ReadonlyMap<number, unknown>): number | null {
  for (const key of map.keys()) return key;
  return null;
}

function badWindow(window: number): InvalidInputError {
  return new InvalidInputError(
    `the window of a stream is ${window}, expected a whole number of at least 1`,
    'Give how many requests may be handed in whose results were not taken.',
  );
}
