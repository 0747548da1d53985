import { digestBytes, digestJson, InvalidInputError } from '@tandem/core';
import { createSha256, fileJournal } from '@tandem/node';
import {
  type Journal,
  type JournaledGateway,
  type JournaledItem,
  JournaledRequests,
  type JournalOutcome,
  type StreamItem,
  type StreamOptions,
  type StreamResult,
} from '@tandem/runtime';
import type { ModelRun } from './split-run.ts';

export interface RunJournalOptions {
  readonly path: string;
  /** Whose requests they are: a journal is that of one model, its inputs and a number of requests. */
  readonly model: Pick<ModelRun, 'problem' | 'inputs'>;
  readonly requests: number;
  readonly log: (line: string) => void;
}

/**
 * The requests of one run in a journal. Started again after its death, the run takes from there how requests ended, and sends only the
 * others. The inputs are the command's own and not written down.
 */
export class RunJournal {
  /** How requests ended in earlier runs. */
  readonly ended: readonly JournalOutcome[];
  /** That earlier runs have accepted and not ended. */
  readonly again: number;
  readonly #journal: Journal;
  /** Of those without an outcome. */
  readonly #keys: readonly string[];

  constructor(journal: Journal, keys: readonly string[]) {
    const outcomes = journal.open.flatMap(({ outcome }) => outcome ?? []);
    const isEnded = new Set(journal.open.flatMap(({ key, outcome }) => (outcome === null ? [] : [key])));
    this.#journal = journal;
    this.#keys = keys.filter((key) => !isEnded.has(key));
    this.ended = outcomes;
    this.again = journal.open.length - outcomes.length;
  }

  /** Requests that are still to be sent. */
  get left(): number {
    return this.#keys.length;
  }

  /** As `Gateway.stream`, of as many items as are left. */
  async *stream(
    gateway: JournaledGateway,
    items: AsyncIterable<StreamItem>,
    options: StreamOptions,
  ): AsyncGenerator<StreamResult, void, undefined> {
    const requests = new JournaledRequests(gateway, withoutInputs(this.#journal));
    for await (const { result } of requests.stream(this.#named(items), options)) yield result;
  }

  async *#named(items: AsyncIterable<StreamItem>): AsyncGenerator<JournaledItem, void, undefined> {
    let next = 0;
    for await (const item of items) yield { ...item, key: this.#keys[next++] ?? '' };
  }
}

/**
 * Does `use` with the journal open; without a path there is none. Throws InvalidInputError for a journal of other requests, ResourceError
 * for a file that cannot be used.
 */
export async function withRunJournal<Result>(
  options: Omit<RunJournalOptions, 'path'> & { readonly path: string | undefined },
  use: (journal: RunJournal | null) => Promise<Result>,
): Promise<Result> {
  const { path, model, requests, log } = options;
  if (path === undefined) return await use(null);
  const journal = await fileJournal(path, { log });
  try {
    const keys = keysOf(model, requests);
    const known = new Set(keys);
    const stranger = journal.open.find(({ key }) => !known.has(key));
    if (stranger !== undefined) throw otherRequests(path, stranger.key);
    const own = new RunJournal(journal, keys);
    if (journal.open.length > 0)
      log(`the journal has the outcome of ${own.ended.length} requests, and ${own.again} that have none yet`);
    return await use(own);
  } finally {
    await journal.close();
  }
}

function keysOf({ problem, inputs }: RunJournalOptions['model'], requests: number): string[] {
  const given = inputs.map(({ name, data }) => [name, digestBytes(data, createSha256)]);
  const whose = digestJson([problem.graph.modelDigest ?? problem.graph.name, given], createSha256);
  return Array.from({ length: requests }, (_, index) => `${whose.slice(0, 16)}.${index}`);
}

const withoutInputs = (journal: Journal): Journal => ({
  get open() {
    return journal.open;
  },
  accepted: (key) => journal.accepted(key, []),
  settled: (key, outcome) => journal.settled(key, outcome),
  taken: (key) => journal.taken(key),
  close: () => journal.close(),
});

function otherRequests(path: string, key: string): InvalidInputError {
  return new InvalidInputError(
    `the journal ${path} holds request ${key}, expected those of this model, these inputs and as many requests`,
    'Give the command that the journal was begun with, or another file.',
  );
}
