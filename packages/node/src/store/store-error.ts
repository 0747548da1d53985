import { statfs } from 'node:fs/promises';
import { InvalidInputError, ResourceError, TandemError } from '@tandem/core';
import type { SegmentManifest } from '@tandem/runtime';

/** What a failed write below `folder` means. */
export function storeError(folder: string, cause: unknown): TandemError {
  if (cause instanceof TandemError) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  if (['ENOSPC', 'EDQUOT', 'EFBIG', 'EMFILE', 'ENFILE'].includes(code))
    return new ResourceError(
      `a segment could not be written to ${folder}: ${code}`,
      'Free some disk space, or give a folder on a larger disk.',
      { cause },
    );
  return new InvalidInputError(
    `the segment folder ${folder} cannot be written: ${code}`,
    'Give a folder that this user may create files in.',
    { cause },
  );
}

/** Throws ResourceError when the disk has less free than the segment needs. */
export async function requireSpace(folder: string, manifest: SegmentManifest): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const neededBytes = manifest.parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  const freeBytes = bavail * bsize;
  if (neededBytes <= freeBytes) return;
  throw new ResourceError(
    `segment ${manifest.digest} needs ${neededBytes} bytes in ${folder}, there are ${freeBytes} free`,
    'Free some disk space, or give a folder on a larger disk.',
  );
}
