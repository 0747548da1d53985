import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { type ByteRange, type EncodedModel, InvalidInputError, ResourceError } from '@tandem/core';
import { errorCode } from './error-code.ts';
import { batches } from './range-batches.ts';

/**
 * Writes an encoded model to `path`, replacing what was there. The bytes pass through two buffers, one being read while the other is
 * written, so memory does not grow with the model. Readers see the old file or the whole new one, never a part.
 * Throws ResourceError when the disk is full, InvalidInputError when the folder is missing or may not be written, the signal's reason.
 */
export async function writeEncoded(
  path: string,
  encoded: EncodedModel,
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    await writeNew(temporary, encoded.ranges, options.signal);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw writingError(path, encoded.sizeBytes, cause);
  }
}

async function writeNew(
  path: string,
  ranges: readonly ByteRange[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await writeBatches(handle, ranges, signal);
  } finally {
    await handle.close();
  }
}

async function writeBatches(
  handle: FileHandle,
  ranges: readonly ByteRange[],
  signal: AbortSignal | undefined,
): Promise<void> {
  let written: Promise<void> = Promise.resolve();
  try {
    for (const batch of batches(ranges)) {
      signal?.throwIfAborted();
      await written;
      written = writeWhole(handle, batch);
      written.catch(() => undefined);
    }
  } finally {
    await written;
  }
}

async function writeWhole(handle: FileHandle, batch: Uint8Array): Promise<void> {
  for (let offset = 0; offset < batch.length; ) {
    const { bytesWritten } = await handle.write(batch, offset, batch.length - offset, null);
    offset += bytesWritten;
  }
}

function writingError(path: string, sizeBytes: number, cause: unknown): unknown {
  const code = errorCode(cause);
  switch (code) {
    case null:
      return cause;
    case 'ENOSPC':
    case 'EDQUOT':
      return new ResourceError(
        `${path} needs ${sizeBytes} bytes, more than the disk has left.`,
        'Free some space or write to another disk.',
        { cause },
      );
    case 'ENOENT':
    case 'ENOTDIR':
      return new InvalidInputError(`The folder of ${path} does not exist.`, 'Make the folder first.', {
        cause,
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new InvalidInputError(`${path} may not be written.`, 'Choose a folder that you may write to.', {
        cause,
      });
    default:
      return new ResourceError(`Writing ${path} failed (${code}).`, 'Check the disk.', { cause });
  }
}
