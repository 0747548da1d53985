import { type FileHandle, mkdtemp, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ProtocolError } from '@tandem/core';
import { PartCheck, type SegmentManifest, type SegmentReceiver, type StoredSegment } from '@tandem/runtime';
import { createSha256 } from '../digest/sha256.ts';
import { storeError } from './store-error.ts';

export interface FolderReceiverEvents {
  kept(digest: string): StoredSegment;
  ended(receiver: FolderReceiver): void;
}

/** A segment on its way into a folder, under a temporary name until it is verified. */
export class FolderReceiver implements SegmentReceiver {
  readonly #folder: string;
  readonly #temporary: string;
  readonly #manifest: SegmentManifest;
  readonly #signal: AbortSignal;
  readonly #events: FolderReceiverEvents;
  readonly #check: PartCheck;
  readonly #files: Map<string, FileHandle> = new Map();
  #ended = false;

  private constructor(
    folder: string,
    temporary: string,
    manifest: SegmentManifest,
    signal: AbortSignal,
    events: FolderReceiverEvents,
  ) {
    this.#folder = folder;
    this.#temporary = temporary;
    this.#manifest = manifest;
    this.#signal = signal;
    this.#events = events;
    this.#check = new PartCheck(manifest, createSha256);
  }

  static async open(
    folder: string,
    manifest: SegmentManifest,
    signal: AbortSignal,
    events: FolderReceiverEvents,
  ): Promise<FolderReceiver> {
    try {
      const temporary = await mkdtemp(join(folder, '.arriving-'));
      const receiver = new FolderReceiver(folder, temporary, manifest, signal, events);
      await receiver.#guarded(() => receiver.#openFiles());
      return receiver;
    } catch (cause) {
      throw storeError(folder, cause);
    }
  }

  write(part: string, chunk: Uint8Array): Promise<void> {
    return this.#guarded(async () => {
      const offset = this.#check.accept(part, chunk);
      const file = this.#files.get(part);
      if (file !== undefined) await writeAll(file, chunk, offset);
    });
  }

  finish(): Promise<StoredSegment> {
    return this.#guarded(async () => {
      this.#check.finish();
      await this.#closeFiles();
      await this.#moveIntoPlace();
      this.#end();
      return this.#events.kept(this.#manifest.digest);
    });
  }

  async abandon(): Promise<void> {
    if (this.#ended) return;
    this.#end();
    await this.#closeFiles();
    await rm(this.#temporary, { recursive: true, force: true });
  }

  async #openFiles(): Promise<void> {
    for (const { name } of this.#manifest.parts)
      this.#files.set(name, await open(join(this.#temporary, name), 'wx'));
  }

  /** Whatever fails, nothing stays behind. */
  async #guarded<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#ended) throw endedError(this.#manifest.digest);
    try {
      this.#signal.throwIfAborted();
      return await work();
    } catch (cause) {
      await this.abandon();
      throw this.#signal.aborted ? cause : storeError(this.#folder, cause);
    }
  }

  async #moveIntoPlace(): Promise<void> {
    const place = join(this.#folder, this.#manifest.digest);
    await rename(this.#temporary, place).catch(async (cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'ENOTEMPTY' && cause.code !== 'EEXIST') throw cause;
      // The same digest is there already: another process was faster, or it is spoilt; ours is verified.
      await rm(place, { recursive: true, force: true });
      await rename(this.#temporary, place);
    });
  }

  async #closeFiles(): Promise<void> {
    const files = [...this.#files.values()];
    this.#files.clear();
    await Promise.all(files.map((file) => file.close()));
  }

  #end(): void {
    this.#ended = true;
    this.#events.ended(this);
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < chunk.length) {
    const result = await file.write(chunk, written, chunk.length - written, position + written);
    written += result.bytesWritten;
  }
}

function endedError(digest: string): ProtocolError {
  return new ProtocolError(
    `segment ${digest} was already kept or abandoned`,
    'Offer it again to send it again.',
  );
}
