import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkSavable, saveFile } from './save-file.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-save-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a file to be saved', () => {
  it('may be new or there already, and is written whole', async () => {
    const path = join(folder, 'a.txt');
    for (const content of ['first', ['sec', 'ond']]) {
      await checkSavable('the text', path);
      await saveFile('the text', path, content);
    }
    expect(await readFile(path, 'utf8')).toBe('second');
    await expect(checkSavable('the text', undefined)).resolves.toBeUndefined();
  });

  it('may be a device, in whose folder nothing can be made', async () => {
    await expect(checkSavable('the text', '/dev/null')).resolves.toBeUndefined();
  });

  it.each([
    ['in no folder', 'none/a.txt'],
    ['that is a folder', '.'],
  ])('is refused beforehand and when written: one %s', async (_, name) => {
    const path = join(folder, name);
    const refusal = { name: 'InvalidInputError', message: `the text cannot be written to ${path}` };
    await expect(checkSavable('the text', path)).rejects.toMatchObject(refusal);
    await expect(saveFile('the text', path, 'x')).rejects.toMatchObject(refusal);
  });
});
