import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../examples/', import.meta.url));
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => basename(file, '.ts'));

/** Runs as a reader would run it, in a process of its own. */
async function outputOf(name: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', `${folder}${name}.ts`], {
    timeout: 30_000,
  });
  return stdout;
}

describe('examples', () => {
  it('has an expected output for every program and no other', () => {
    const outputs = readdirSync(`${folder}output`).map((file) => basename(file, '.txt'));
    expect(outputs.toSorted()).toEqual(names.toSorted());
  });

  it.each(names)('%s prints what its page shows', async (name) => {
    expect(await outputOf(name)).toBe(await readFile(`${folder}output/${name}.txt`, 'utf8'));
  });
});
