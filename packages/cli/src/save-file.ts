import { constants } from 'node:fs';
import { access, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InvalidInputError } from '@tandem/core';

/**
 * Throws InvalidInputError where `path` cannot be written: asked before the work, so that none is done for nothing. `what` is for the
 * user: 'the plan'. Nothing is asked of no path.
 */
export async function checkSavable(what: string, path: string | undefined): Promise<void> {
  if (path === undefined) return;
  const known = await stat(path).catch(() => null);
  if (known?.isDirectory() === true) throw notWritable(what, path);
  await access(known === null ? dirname(path) : path, constants.W_OK).catch((cause: unknown) => {
    throw notWritable(what, path, cause);
  });
}

/** Throws InvalidInputError naming the file that cannot be written. */
export async function saveFile(
  what: string,
  path: string,
  content: string | Iterable<string> | Uint8Array,
): Promise<void> {
  await writeFile(path, content).catch((cause: unknown) => {
    throw notWritable(what, path, cause);
  });
}

function notWritable(what: string, path: string, cause?: unknown): InvalidInputError {
  return new InvalidInputError(
    `${what} cannot be written to ${path}`,
    'Give a file in a folder you may write to.',
    { cause },
  );
}
