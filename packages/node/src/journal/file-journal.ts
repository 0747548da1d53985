import { type FileHandle, open as openFile, rename, rm } from 'node:fs/promises';
import { InvalidInputError, ResourceError } from '@tandem/core';
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
  /** True: every record is on the disk before its promise resolves, so that it survives the machine and not only the process. @default false */
  readonly sync?: boolean;
  /** A file beyond this size, and beyond twice what was open the last time, is written anew with what is open. @default 64 MiB */
  readonly compactBytes?: number;
}

/**
 * A journal in one file, to which records are appended; one that was not written to its end counts for nothing, and what is behind it is
 * cut off. One gateway at a time. Throws ResourceError when the file cannot be used.
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
  readonly open: readonly JournalEntry[];
  readonly #path: string;
  readonly #sync: boolean;
  readonly #compactBytes: number;
  /** Of the file, when it is worth looking how much of it is still open. */
  #compactAt: number;
  readonly #live: Map<string, JournalEntry>;
  #file: FileHandle;
  #size: number;
  #last: Promise<void> = Promise.resolve();

  constructor(
    path: string,
    file: FileHandle,
    size: number,
    live: Map<string, JournalEntry>,
    { sync = false, compactBytes = 64 * 2 ** 20 }: FileJournalOptions,
  ) {
    this.#path = path;
    this.#file = file;
    this.#size = size;
    this.#live = live;
    this.#sync = sync;
    this.#compactBytes = compactBytes;
    this.#compactAt = compactBytes;
    this.open = [...live.values()];
  }

  async accepted(key: string, inputs: readonly TensorValue[]): Promise<void> {
    if (this.#live.has(key) || key.length < 1 || key.length > longestKey) throw badKey(key);
    this.#live.set(key, { key, inputs, outcome: null });
    await this.#append({ kind: 'accepted', key, tensors: inputs }).catch((error: unknown) => {
      this.#live.delete(key);
      throw error;
    });
  }

  async settled(key: string, outcome: JournalOutcome): Promise<void> {
    const entry = this.#live.get(key);
    if (entry === undefined) return;
    const { outputs, error } = outcome;
    this.#live.set(key, { ...entry, outcome });
    await this.#append(
      outputs === null ? { kind: 'failed', key, error } : { kind: 'answered', key, tensors: outputs },
    );
  }

  async taken(key: string): Promise<void> {
    if (!this.#live.delete(key)) return;
    await this.#append({ kind: 'taken', key });
  }

  async close(): Promise<void> {
    await this.#inTurn(() => this.#file.close());
  }

  #append(record: JournalRecord): Promise<void> {
    return this.#inTurn(async () => {
      this.#size += await usable(this.#path, () => this.#write(this.#file, this.#size, record));
      if (this.#size > this.#compactAt) await usable(this.#path, () => this.#compact());
    });
  }

  /** What was written in part is cut off again. */
  async #write(file: FileHandle, at: number, record: JournalRecord): Promise<number> {
    try {
      const parts = encodeRecord(record);
      const length = parts.reduce((sum, part) => sum + part.length, 0);
      for (const part of parts) await file.appendFile(part);
      if (this.#sync) await file.datasync();
      return length;
    } catch (error) {
      await file.truncate(at).catch(() => undefined);
      throw error;
    }
  }

  /** Writes what is still open to a file that takes the place of this one. */
  async #compact(): Promise<void> {
    const records = [...this.#live.values()].flatMap(recordsOf);
    const lengths = records.flatMap((record) => encodeRecord(record).map(({ length }) => length));
    const openBytes = lengths.reduce((sum, length) => sum + length, 0);
    this.#compactAt = Math.max(this.#compactBytes, 2 * openBytes);
    const path = `${this.#path}.new`;
    await rm(path, { force: true });
    const next = await openFile(path, 'a+');
    try {
      let size = 0;
      for (const record of records) size += await this.#write(next, size, record);
      await next.datasync();
      await rename(path, this.#path);
      await this.#file.close();
      this.#file = next;
      this.#size = size;
    } catch (error) {
      await next.close();
      throw error;
    }
  }

  /** One after the other; a failure of one does not stop the next. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
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

function note(live: Map<string, JournalEntry>, record: JournalRecord): void {
  const { key } = record;
  const entry = live.get(key);
  switch (record.kind) {
    case 'accepted':
      live.set(key, { key, inputs: record.tensors, outcome: null });
      return;
    case 'answered':
      if (entry !== undefined) live.set(key, { ...entry, outcome: { outputs: record.tensors, error: null } });
      return;
    case 'failed':
      if (entry !== undefined) live.set(key, { ...entry, outcome: { outputs: null, error: record.error } });
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
