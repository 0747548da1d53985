import { openSync, type Stats, statSync } from 'node:fs';
import { InvalidInputError, ResourceError } from '@tandem/core';
import { errorCode } from './error-code.ts';

/**
 * A descriptor for reading a regular file that is not empty; InvalidInputError says what it is instead. Looks before it opens, since
 * opening a pipe would wait for a writer.
 */
export function openRegularFile(path: string): number {
  try {
    checkReadable(path, statSync(path));
    return openSync(path, 'r');
  } catch (cause) {
    throw accessError(path, cause);
  }
}

function checkReadable(path: string, stats: Stats): void {
  if (stats.isDirectory()) {
    throw new InvalidInputError(`${path} is a folder, expected a file.`, 'Name the file in it.');
  }
  if (!stats.isFile()) {
    throw new InvalidInputError(`${path} is not a regular file.`, 'Copy its contents to a file first.');
  }
  if (stats.size === 0) {
    throw new InvalidInputError(`${path} is empty.`, 'Fetch or export the file again.');
  }
}

function accessError(path: string, cause: unknown): unknown {
  switch (errorCode(cause)) {
    case null:
      return cause;
    case 'ENOENT':
    case 'ENOTDIR':
      return new InvalidInputError(`There is no file ${path}.`, 'Check the path.', { cause });
    case 'EACCES':
    case 'EPERM':
      return new InvalidInputError(`${path} may not be read.`, 'Give this user the right to read it.', {
        cause,
      });
    case 'EMFILE':
    case 'ENFILE':
      return new ResourceError(`${path} cannot be opened: too many open files.`, 'Raise `ulimit -n`.', {
        cause,
      });
    default:
      return new InvalidInputError(`${path} cannot be opened (${errorCode(cause)}).`, 'Check the path.', {
        cause,
      });
  }
}
