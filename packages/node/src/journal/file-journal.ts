import { type FileHandle, open as openFile, rename, rm } from 'node:fs/promises';
import { errorRecord, InvalidInputError, ResourceError } from '@tandem/core';
import type { Journal, JournalEntry, JournalOutcome, TensorValue } from '@tandem/runtime';
import {
  decodeRecord,
  encodeRecord,
  type JournalRecord,
  lengthsOf,
  longestKey,
  prefixBytes,
} from './journal-record.ts';

export interface FileJournalOptions {
  /** A file beyond this size, and beyond twice what was open the last time, is written anew with what is open. @default 64 MiB */
  readonly compactBytes?: number;
  /** Where a file that could not be written anew is told of. @default nowhere */
  readonly log?: (line: string) => void;
}

/**
 * A journal in one file, to which records are appended; one that was not written to its end counts for nothing, and what is behind it is
 * cut off. What was written outlives the process, not a machine that loses its power. One gateway at a time. Throws ResourceError when the file cannot be used.
 */
export async function fileJournal(path: string, options: FileJournalOptions = {}): Promise<Journal> {
  const file = await usable(path, () => openFile(path, 'a+'));
  const live = new Map<string, JournalEntry>();
  let end = 0;
  try {
    end = await usable(path, () => readAll(file, live));
    await usable(path, () => file.truncate(end));
  } catch (error) {
    await file.close();
    throw error;
  }
  return new FileJournal(path, file, end, live, options);
}

class FileJournal implements Journal {
  readonly #path: string;
  readonly #compactBytes: number;
  readonly #log: (line: string) => void;
  /** Of the file, when it is worth looking how much of it is still open. */
  #compactAt: number;
  /** As the file has it. */
  readonly #live: Map<string, JournalEntry>;
  /** Keys whose requests are being written. */
  readonly #accepting: Set<string> = new Set();
  /** Of what was open at the beginning. */
  readonly #found: readonly string[];
  #file: FileHandle;
  #size: number;
  #last: Promise<void> = Promise.resolve();

  constructor(
    path: string,
    file: FileHandle,
    size: number,
    live: Map<string, JournalEntry>,
    { compactBytes = 64 * 2 ** 20, log = () => undefined }: FileJournalOptions,
  ) {
    this.#path = path;
    this.#file = file;
    this.#size = size;
    this.#live = live;
    this.#found = [...live.keys()];
    this.#log = log;
    this.#compactBytes = compactBytes;
    this.#compactAt = compactBytes;
  }

  get open(): readonly JournalEntry[] {
    return this.#found.map((key) => this.#live.get(key)).filter((entry) => entry !== undefined);
  }

  async accepted(key: string, inputs: readonly TensorValue[]): Promise<void> {
    const isUsed = this.#live.has(key) || this.#accepting.has(key);
    if (isUsed || key.length < 1 || key.length > longestKey) throw badKey(key);
    this.#accepting.add(key);
    try {
      await this.#append({ kind: 'accepted', key, tensors: inputs });
    } finally {
      this.#accepting.delete(key);
    }
  }

  async settled(key: string, { outputs, error }: JournalOutcome): Promise<void> {
    if (!this.#live.has(key)) return;
    await this.#append(
      outputs === null ? { kind: 'failed', key, error } : { kind: 'answered', key, tensors: outputs },
    );
  }

  async taken(key: string): Promise<void> {
    if (this.#live.has(key)) await this.#append({ kind: 'taken', key });
  }

  async close(): Promise<void> {
    await this.#inTurn(() => this.#file.close());
  }

  #append(record: JournalRecord): Promise<void> {
    return this.#inTurn(async () => {
      this.#size += await usable(this.#path, () => write(this.#file, this.#size, record));
      note(this.#live, record);
      if (this.#size > this.#compactAt) await this.#compact();
    });
  }

  /** The record that made the file so large is written, whatever comes of this: where it fails, the file goes on growing for a while. */
  async #compact(): Promise<void> {
    try {
      await usable(`${this.#path}.new`, () => this.#writeAnew());
    } catch (error) {
      this.#log(errorRecord(error).message);
    }
    this.#compactAt = Math.max(this.#compactBytes, 2 * this.#size);
  }

  /** Writes what is still open to a file that takes the place of this one. */
  async #writeAnew(): Promise<void> {
    const path = `${this.#path}.new`;
    await rm(path, { force: true });
    const next = await openFile(path, 'a+');
    let size = 0;
    try {
      for (const entry of this.#live.values())
        for (const record of recordsOf(entry)) size += await write(next, size, record);
      // Else a machine that stops now could lose what the disk has of the former file.
      await next.datasync();
      await rename(path, this.#path);
    } catch (error) {
      await next.close().catch(() => undefined);
      await rm(path, { force: true });
      throw error;
    }
    const former = this.#file;
    [this.#file, this.#size] = [next, size];
    await former.close();
  }

  /** One after the other; a failure of one does not stop the next. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

/** Gives its length. What was written in part is cut off again. */
async function write(file: FileHandle, at: number, record: JournalRecord): Promise<number> {
  try {
    const parts = encodeRecord(record);
    for (const part of parts) await file.appendFile(part);
    return parts.reduce((sum, { length }) => sum + length, 0);
  } catch (error) {
    await file.truncate(at).catch(() => undefined);
    throw error;
  }
}

function recordsOf({ key, inputs, outcome }: JournalEntry): JournalRecord[] {
  const accepted = { kind: 'accepted', key, tensors: inputs } as const;
  if (outcome === null) return [accepted];
  const { outputs, error } = outcome;
  return [
    accepted,
    outputs === null ? { kind: 'failed', key, error } : { kind: 'answered', key, tensors: outputs },
  ];
}

/** Collects what is open; gives where the last whole record ends. */
async function readAll(file: FileHandle, live: Map<string, JournalEntry>): Promise<number> {
  const { size } = await file.stat();
  for (let at = 0; ; ) {
    const prefix = await readAt(file, at, prefixBytes, size);
    const lengths = prefix === null ? null : lengthsOf(prefix);
    if (prefix === null || lengths === null) return at;
    const text = await readAt(file, at + prefixBytes, lengths.header, size);
    const body = await readAt(file, at + prefixBytes + lengths.header, lengths.body, size);
    const record = text === null || body === null ? null : decodeRecord(prefix, text, body);
    if (record === null) return at;
    note(live, record);
    at += prefixBytes + lengths.header + lengths.body;
  }
}

/** Null = the file ends before. */
async function readAt(file: FileHandle, at: number, length: number, size: number): Promise<Buffer | null> {
  if (at + length > size) return null;
  const buffer = Buffer.alloc(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(buffer, done, length - done, at + done);
    if (bytesRead === 0) return null;
    done += bytesRead;
  }
  return buffer;
}

/** What a record says of the requests that are open. */
function note(live: Map<string, JournalEntry>, record: JournalRecord): void {
  const { key } = record;
  const isOpen = live.has(key);
  switch (record.kind) {
    case 'accepted':
      live.set(key, { key, inputs: record.tensors, outcome: null });
      return;
    case 'answered':
      if (isOpen) live.set(key, { key, inputs: [], outcome: { outputs: record.tensors, error: null } });
      return;
    case 'failed':
      if (isOpen) live.set(key, { key, inputs: [], outcome: { outputs: null, error: record.error } });
      return;
    case 'taken':
      live.delete(key);
  }
}

async function usable<Value>(path: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (cause) {
    throw new ResourceError(
      `the journal ${path} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
      'Make room on its disk, or give another path that can be written.',
      { cause },
    );
  }
}

function badKey(key: string): InvalidInputError {
  return new InvalidInputError(
    `a request is called '${key.slice(0, 40)}', expected a name of 1 to ${longestKey} characters that no open request has`,
    'Give every request a name of its own.',
  );
}
