import { errorRecord, type Seconds } from '@tandem/core';
import type { TensorValue } from '../execute/executor.ts';
import type { StreamItem, StreamOptions, StreamResult } from './answer-stream.ts';
import type { Gateway } from './gateway.ts';
import type { Journal, JournalOutcome } from './journal.ts';

export interface JournaledOptions {
  /** Ends the request, which then counts as failed. */
  readonly signal: AbortSignal;
  /** @default the deployment's requestTimeoutSeconds */
  readonly timeoutSeconds?: Seconds;
}

/** One request of a stream, by the name that the journal has for it. */
export interface JournaledItem extends StreamItem {
  readonly key: string;
}

/** How it ended, in this gateway's life. */
export interface JournaledStreamResult {
  readonly key: string;
  readonly result: StreamResult;
}

export type JournaledGateway = Pick<Gateway, 'request' | 'stream' | 'closed'>;

/** An accepted request and how it ended. */
export interface JournaledResult {
  readonly key: string;
  readonly outcome: JournalOutcome;
}

/**
 * Requests that outlive their gateway: each is written down before it is sent and its outcome before it is given, so that the next gateway
 * gives every outcome that nobody has taken, and answers what was in the middle. A client that is given an outcome twice, because the
 * gateway died before `taken`, knows it by its key.
 */
export class JournaledRequests {
  readonly #gateway: JournaledGateway;
  readonly #journal: Journal;

  constructor(gateway: JournaledGateway, journal: Journal) {
    this.#gateway = gateway;
    this.#journal = journal;
  }

  /** Rejects where the request was not accepted, or the gateway was closed first: the next one answers it. */
  async request(
    key: string,
    inputs: readonly TensorValue[],
    options: JournaledOptions,
  ): Promise<JournalOutcome> {
    await this.#journal.accepted(key, inputs);
    const outcome = await this.#gateway.request(inputs, options).then(
      ({ outputs }): JournalOutcome => ({ outputs, error: null }),
      (error: unknown) => this.#failureOf(error, options.signal),
    );
    await this.#journal.settled(key, outcome);
    return outcome;
  }

  /** The client has the outcome. */
  async taken(key: string): Promise<void> {
    await this.#journal.taken(key);
  }

  /** What earlier gateways have accepted and nobody has taken: what is known already first, then the rest in its order. */
  async *recovered(signal: AbortSignal): AsyncGenerator<JournaledResult, void, undefined> {
    const { open } = this.#journal;
    for (const { key, outcome } of open) if (outcome !== null) yield { key, outcome };
    const rest = open.filter(({ outcome }) => outcome === null);
    const items = rest.map(({ key, inputs }) => ({ key, inputs }));
    for await (const { key, result } of this.stream(items, { signal }))
      yield { key, outcome: this.#outcomeOf(result, signal) };
  }

  /**
   * Many requests at once: each is written down before it is sent, unless an earlier gateway has accepted it, and its outcome before it is
   * given. Rejects as `Gateway.stream` does, and where the gateway was closed first.
   */
  async *stream(
    items: Iterable<JournaledItem> | AsyncIterable<JournaledItem>,
    options: StreamOptions,
  ): AsyncGenerator<JournaledStreamResult, void, undefined> {
    const keys = new Map<number, string>();
    for await (const result of this.#gateway.stream(this.#accepting(items, keys), options)) {
      const key = keys.get(result.index) ?? '';
      keys.delete(result.index);
      await this.#journal.settled(key, this.#outcomeOf(result, options.signal));
      yield { key, result };
    }
  }

  async *#accepting(
    items: Iterable<JournaledItem> | AsyncIterable<JournaledItem>,
    keys: Map<number, string>,
  ): AsyncGenerator<StreamItem, void, undefined> {
    const known = new Set(this.#journal.open.map(({ key }) => key));
    let next = 0;
    for await (const { key, ...item } of items) {
      if (!known.has(key)) await this.#journal.accepted(key, item.inputs);
      keys.set(next++, key);
      yield item;
    }
  }

  #outcomeOf({ answer, error }: StreamResult, signal: AbortSignal): JournalOutcome {
    return answer === null ? this.#failureOf(error, signal) : { outputs: answer.outputs, error: null };
  }

  /** Throws what is no failure of the request: the gateway was closed around it. */
  #failureOf(error: unknown, signal: AbortSignal): JournalOutcome {
    if (this.#gateway.closed.aborted && !signal.aborted) throw error;
    return { outputs: null, error: errorRecord(error) };
  }
}
