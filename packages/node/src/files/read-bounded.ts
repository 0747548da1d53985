import { InvalidInputError } from '@tandem/core';
import { openFileSource } from './file-source.ts';

/**
 * A small file whole. Throws InvalidInputError when it is missing, empty, not a file, may not be read or is longer than
 * `limitBytes`; `what` names it for the reader of that message.
 */
export function readBounded(path: string, limitBytes: number, what: string): Uint8Array {
  const source = openFileSource(path);
  try {
    if (source.size <= limitBytes) return source.read(0, source.size);
    throw new InvalidInputError(
      `${path} has ${source.size} bytes, but ${what} may have at most ${limitBytes}.`,
      'Check that this is the file that you meant.',
    );
  } finally {
    source.close();
  }
}
