import { type CreateSha256, ProtocolError, type Sha256 } from '@tandem/core';
import type { PartManifest, SegmentManifest } from './segment.ts';

/** The digest and size of each part while it arrives, checked against what its manifest states. */
export class PartCheck {
  readonly #parts: ReadonlyMap<string, Progress>;

  constructor(manifest: SegmentManifest, createSha256: CreateSha256) {
    this.#parts = new Map(
      manifest.parts.map((part) => [part.name, { part, hash: createSha256(), receivedBytes: 0 }]),
    );
  }

  /** Counts a chunk in; returns where it starts within its part, bytes. Throws ProtocolError when there is too much of it. */
  accept(name: string, chunk: Uint8Array): number {
    const progress = this.#parts.get(name);
    if (progress === undefined) throw wrong(`a part ${name}`, [...this.#parts.keys()].join(' or '));
    const { part, hash, receivedBytes } = progress;
    const total = receivedBytes + chunk.length;
    if (total > part.sizeBytes) throw wrong(`${total} bytes of ${name}`, `${part.sizeBytes}`);
    hash.update(chunk);
    progress.receivedBytes = total;
    return receivedBytes;
  }

  /** Throws ProtocolError unless every part is complete and is what its digest says. */
  finish(): void {
    for (const { part, hash, receivedBytes } of this.#parts.values()) {
      if (receivedBytes !== part.sizeBytes)
        throw wrong(`${receivedBytes} bytes of ${part.name}`, `${part.sizeBytes}`);
      const digest = hash.hexadecimal();
      if (digest !== part.digest) throw wrong(`${part.name} with the digest ${digest}`, part.digest);
    }
  }
}

interface Progress {
  readonly part: PartManifest;
  readonly hash: Sha256;
  receivedBytes: number;
}

function wrong(got: string, expected: string): ProtocolError {
  return new ProtocolError(
    `a segment arrived with ${got}, expected ${expected}`,
    'Send the segment again; if this repeats, do not trust the sender.',
  );
}
