import { setImmediate } from 'node:timers/promises';
import type { ByteRange, ByteSource } from '@tandem/core';
import { createSha256 } from '../digest/sha256.ts';
import { batches } from '../files/range-batches.ts';

/** SHA-256 of the bytes of `ranges` one after the other; lets other work run between batches. */
export async function digestRanges(ranges: readonly ByteRange[]): Promise<string> {
  const hash = createSha256();
  for (const batch of batches(ranges)) {
    hash.update(batch);
    await setImmediate();
  }
  return hash.hexadecimal();
}

export function wholeFile(source: ByteSource): ByteRange {
  return { source, offset: 0, length: source.size };
}
