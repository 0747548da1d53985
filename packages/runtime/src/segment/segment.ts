import type { Bytes } from '@tandem/core';

/**
 * The sub-model of one stage as it travels: `model.onnx` and, when the weights are kept beside it, `weights.bin`.
 * `digest` is the SHA-256 of the canonical JSON of its parts' names, sizes and digests.
 */
export interface SegmentManifest {
  readonly digest: string;
  readonly parts: readonly PartManifest[];
}

export interface PartManifest {
  /** 'model.onnx' or 'weights.bin'; never a path. */
  readonly name: string;
  readonly sizeBytes: Bytes;
  /** SHA-256, lower-case hexadecimal. */
  readonly digest: string;
}

/** A segment that can be sent: `chunks` yields a part's bytes in order. */
export interface SegmentSource {
  readonly manifest: SegmentManifest;
  chunks(part: string): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** A segment that an executor can load: in files, or in memory where there is no disk. */
export interface StoredSegment {
  readonly digest: string;
  readonly model:
    | { readonly path: string }
    | { readonly bytes: Uint8Array; readonly weights: Uint8Array | null };
}

/** An agent's segments, addressed by digest. Implementations: memory (here), a folder (node). */
export interface SegmentStore {
  find(digest: string): Promise<StoredSegment | null>;
  /**
   * Stores a segment whose parts arrive as chunks. Refuses (ProtocolError) a part that is longer than announced or whose digest
   * differs, and leaves nothing behind; throws ResourceError when there is no room.
   */
  receive(manifest: SegmentManifest, signal: AbortSignal): Promise<SegmentReceiver>;
  close(): Promise<void>;
}

export interface SegmentReceiver {
  /** Bytes of `part`, in order; resolves when more may be sent. */
  write(part: string, chunk: Uint8Array): Promise<void>;
  /** All parts are there: verify and keep. */
  finish(): Promise<StoredSegment>;
  /** Drop what was received; idempotent. */
  abandon(): Promise<void>;
}
