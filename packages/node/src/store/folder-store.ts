import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SegmentStore, StoredSegment } from '@tandem/runtime';
import { checkManifest } from '@tandem/runtime';
import { createSha256 } from '../digest/sha256.ts';
import { FolderReceiver } from './folder-receiver.ts';
import { requireSpace, storeError } from './store-error.ts';
import { storedAt, verifyFolder } from './verify-folder.ts';

export interface FolderStoreOptions {
  /** Whether `close` removes what was received since the store was opened. @default false */
  readonly temporary?: boolean;
}

const digestPattern = /^[0-9a-f]{64}$/;

/**
 * Segments as files, <folder>/<digest>/<part>, so that the model runtime can map them. A segment appears under its digest only when
 * it is complete and verified; what an earlier process left there is verified before its first use, and removed when it is not what
 * its name says.
 */
export function folderStore(folder: string, options: FolderStoreOptions = {}): SegmentStore {
  const verified = new Set<string>();
  const received = new Set<string>();
  const receiving = new Set<FolderReceiver>();

  async function find(digest: string): Promise<StoredSegment | null> {
    if (!digestPattern.test(digest)) return null;
    if (!verified.has(digest) && !(await verifyFolder(join(folder, digest), digest))) return null;
    verified.add(digest);
    return storedAt(folder, digest);
  }

  function keep(digest: string): StoredSegment {
    verified.add(digest);
    received.add(digest);
    return storedAt(folder, digest);
  }

  return {
    find,
    receive: async (manifest, signal) => {
      signal.throwIfAborted();
      checkManifest(manifest, createSha256);
      await mkdir(folder, { recursive: true }).catch((cause) => {
        throw storeError(folder, cause);
      });
      await requireSpace(folder, manifest);
      const receiver = await FolderReceiver.open(folder, manifest, signal, {
        kept: (digest) => keep(digest),
        ended: (receiver) => receiving.delete(receiver),
      });
      receiving.add(receiver);
      return receiver;
    },
    close: async () => {
      await Promise.all([...receiving].map((receiver) => receiver.abandon()));
      if (options.temporary !== true) return;
      await Promise.all(
        [...received].map((digest) => rm(join(folder, digest), { recursive: true, force: true })),
      );
    },
  };
}
