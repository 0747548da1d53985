import { errorRecord, type Seconds } from '@tandem/core';
import type { TensorValue } from '../execute/executor.ts';
import type { Gateway } from './gateway.ts';
import type { Journal, JournalEntry, JournalOutcome } from './journal.ts';

export interface JournaledOptions {
  /** Ends the request, which then counts as failed. */
  readonly signal: AbortSignal;
  /** @default the deployment's requestTimeoutSeconds */
  readonly timeoutSeconds?: Seconds;
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
    const items = rest.map(({ inputs }: JournalEntry) => ({ inputs }));
    for await (const { index, answer, error } of this.#gateway.stream(items, { signal })) {
      const key = rest[index]?.key ?? '';
      const outcome =
        answer === null ? this.#failureOf(error, signal) : { outputs: answer.outputs, error: null };
      await this.#journal.settled(key, outcome);
      yield { key, outcome };
    }
  }

  /** Throws what is no failure of the request: the gateway was closed around it. */
  #failureOf(error: unknown, signal: AbortSignal): JournalOutcome {
    if (this.#gateway.closed.aborted && !signal.aborted) throw error;
    return { outputs: null, error: errorRecord(error) };
  }
}
