import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readToken } from './read-token.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-token-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function tokenFile(text: string, mode: number): Promise<string> {
  const path = join(folder, 'token');
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

describe('readToken', () => {
  it('drops the white space around the secret', async () => {
    expect(await readToken(await tokenFile(' 0123456789abcdef\n', 0o600))).toBe('0123456789abcdef');
  });

  it.each([
    ['a short secret', 'short', 0o600, /has 5 characters, expected 16/],
    ['an empty file', '', 0o600, /has 0 characters/],
    ['a file that others may read', '0123456789abcdef', 0o644, /mode 644/],
  ])('refuses %s', async (_, text, mode, message) => {
    await expect(readToken(await tokenFile(text, mode))).rejects.toThrow(message);
  });

  it('names a file that is not there', async () => {
    await expect(readToken(join(folder, 'none'))).rejects.toThrow(/none cannot be read/);
  });
});
