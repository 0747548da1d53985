import { type CreateSha256, ProtocolError, ResourceError } from '@tandem/core';
import { checkManifest } from './manifest.ts';
import { PartCheck } from './receiving.ts';
import type { SegmentManifest, SegmentReceiver, SegmentStore, StoredSegment } from './segment.ts';

export interface MemoryStoreOptions {
  /** All segments together, arriving ones included, bytes. @default 4 GiB */
  readonly limitBytes?: number;
}

/** Segments in memory: for devices without a disk, and for tests. */
export function memoryStore(createSha256: CreateSha256, options: MemoryStoreOptions = {}): SegmentStore {
  const segments = new Map<string, StoredSegment>();
  const room = new Room(options.limitBytes ?? 2 ** 32);
  return {
    find: async (digest) => segments.get(digest) ?? null,
    receive: async (manifest, signal) => {
      signal.throwIfAborted();
      checkManifest(manifest, createSha256);
      const check = new PartCheck(manifest, createSha256);
      return new MemoryReceiver(manifest, check, room, segments, signal);
    },
    close: async () => segments.clear(),
  };
}

class MemoryReceiver implements SegmentReceiver {
  readonly #manifest: SegmentManifest;
  readonly #check: PartCheck;
  readonly #room: Room;
  readonly #segments: Map<string, StoredSegment>;
  readonly #signal: AbortSignal;
  readonly #sizeBytes: number;
  #parts: Map<string, Uint8Array> | null;

  constructor(
    manifest: SegmentManifest,
    check: PartCheck,
    room: Room,
    segments: Map<string, StoredSegment>,
    signal: AbortSignal,
  ) {
    this.#manifest = manifest;
    this.#check = check;
    this.#room = room;
    this.#segments = segments;
    this.#signal = signal;
    this.#sizeBytes = manifest.parts.reduce((sum, part) => sum + part.sizeBytes, 0);
    this.#parts = room.take(manifest, this.#sizeBytes);
  }

  async write(part: string, chunk: Uint8Array): Promise<void> {
    const parts = this.#open();
    try {
      const offset = this.#check.accept(part, chunk);
      parts.get(part)?.set(chunk, offset);
    } catch (error) {
      await this.abandon();
      throw error;
    }
  }

  async finish(): Promise<StoredSegment> {
    const parts = this.#open();
    try {
      this.#check.finish();
    } catch (error) {
      await this.abandon();
      throw error;
    }
    return this.#keep(parts);
  }

  async abandon(): Promise<void> {
    if (this.#parts === null) return;
    this.#parts = null;
    this.#room.giveBack(this.#sizeBytes);
  }

  #keep(parts: Map<string, Uint8Array>): StoredSegment {
    const { digest } = this.#manifest;
    const bytes = parts.get('model.onnx') ?? new Uint8Array(0);
    const stored = { digest, model: { bytes, weights: parts.get('weights.bin') ?? null } };
    if (this.#segments.has(digest)) this.#room.giveBack(this.#sizeBytes);
    this.#segments.set(digest, stored);
    this.#parts = null;
    return stored;
  }

  #open(): Map<string, Uint8Array> {
    this.#signal.throwIfAborted();
    if (this.#parts !== null) return this.#parts;
    throw new ProtocolError(
      `segment ${this.#manifest.digest} was already kept or abandoned`,
      'Offer it again to send it again.',
    );
  }
}

/** What is left of the store's limit. */
class Room {
  readonly #limitBytes: number;
  #takenBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Buffers for all parts; throws ResourceError when they do not fit. */
  take(manifest: SegmentManifest, sizeBytes: number): Map<string, Uint8Array> {
    if (this.#takenBytes + sizeBytes > this.#limitBytes) throw this.#full(manifest, sizeBytes);
    try {
      const parts = new Map(manifest.parts.map((part) => [part.name, new Uint8Array(part.sizeBytes)]));
      this.#takenBytes += sizeBytes;
      return parts;
    } catch (cause) {
      throw this.#full(manifest, sizeBytes, cause);
    }
  }

  giveBack(sizeBytes: number): void {
    this.#takenBytes -= sizeBytes;
  }

  #full({ digest }: SegmentManifest, sizeBytes: number, cause?: unknown): ResourceError {
    const left = this.#limitBytes - this.#takenBytes;
    return new ResourceError(
      `segment ${digest} needs ${sizeBytes} bytes, the memory store has ${left} of ${this.#limitBytes} left`,
      'Raise limitBytes, keep segments in a folder, or choose another device.',
      { cause },
    );
  }
}
