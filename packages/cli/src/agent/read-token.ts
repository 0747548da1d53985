import { readFile, stat } from 'node:fs/promises';
import { InvalidInputError } from '@tandem/core';

const shortest = 16;
const longest = 4096;

/**
 * The shared secret in a file, without the white space around it. Throws InvalidInputError when the file cannot be read, other users
 * may read it, or the secret is shorter than 16 characters.
 */
export async function readToken(path: string): Promise<string> {
  const remedy = `Write one with: (umask 077; head -c 32 /dev/urandom | base64 > ${path})`;
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new InvalidInputError(`the token file ${path} cannot be read`, remedy, { cause });
  });
  const token = text.trim();
  if (token.length < shortest || token.length > longest) {
    throw new InvalidInputError(
      `the token in ${path} has ${token.length} characters, expected ${shortest} to ${longest}`,
      remedy,
    );
  }
  const { mode } = await stat(path);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new InvalidInputError(
      `the token file ${path} can be read by other users (mode ${(mode & 0o777).toString(8)})`,
      `Run: chmod 600 ${path}`,
    );
  }
  return token;
}
