import { chmodSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { InvalidInputError } from '@tandem/core';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openFileSource } from './file-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

const content = Uint8Array.from({ length: 200_000 }, (_, index) => (index * 7) % 251);
const path = join(folder, 'content');
writeFileSync(path, content);

describe('openFileSource', () => {
  it('reads any range, whatever was read before it', () => {
    const source = openFileSource(path);
    const range = fc.record({ offset: fc.nat(200_000), length: fc.nat(70_000) });
    const reads = fc.array(range, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(reads, (ranges) => {
        for (const { offset, length } of ranges) {
          const bounded = Math.min(length, content.length - offset);
          const read = source.read(offset, bounded);
          expect(Buffer.compare(read, content.subarray(offset, offset + bounded))).toBe(0);
        }
      }),
      { seed: 1, numRuns: 200 },
    );
    source.close();
  });

  it('leaves earlier results alone', () => {
    const source = openFileSource(path);
    const first = source.read(0, 4);
    source.read(150_000, 4);
    expect([...first]).toEqual([...content.subarray(0, 4)]);
    source.close();
  });

  it.each([
    [-1, 1],
    [0, 200_001],
    [200_000, 1],
    [0.5, 1],
    [0, Number.NaN],
    [Number.MAX_SAFE_INTEGER, 2],
  ])('refuses the range from %d of %d bytes', (offset, length) => {
    const source = openFileSource(path);
    expect(() => source.read(offset, length)).toThrow(InvalidInputError);
    source.close();
  });

  it('reads beyond two gigabytes', async () => {
    const large = join(folder, 'large');
    const handle = await open(large, 'w');
    await handle.write(new Uint8Array([1, 2, 3, 4]), 0, 4, 3 * 2 ** 30);
    await handle.close();
    const source = openFileSource(large);
    expect(source.size).toBe(3 * 2 ** 30 + 4);
    expect([...source.read(3 * 2 ** 30 - 1, 5)]).toEqual([0, 1, 2, 3, 4]);
    source.close();
  });

  it('says so when the file shrinks while it is open', () => {
    const shrinking = join(folder, 'shrinking');
    writeFileSync(shrinking, content);
    const source = openFileSource(shrinking);
    truncateSync(shrinking, 10);
    expect(() => source.read(5, 100_000)).toThrow(/ended at byte 10, but had 200000/);
    source.close();
  });

  it('closes once and refuses to read afterwards', () => {
    const source = openFileSource(path);
    source.close();
    source.close();
    expect(() => source.read(0, 1)).toThrow(/after it was closed/);
  });
});

describe('openFileSource, on what is no readable file,', () => {
  mkdirSync(join(folder, 'a-folder'));
  writeFileSync(join(folder, 'nothing'), '');
  it.each([
    ['missing', /There is no file/],
    ['content/inside', /There is no file/],
    ['a-folder', /is a folder/],
    ['nothing', /is empty/],
    ['/dev/null', /not a regular file/],
  ])('refuses %s', (name, message) => {
    expect(() => openFileSource(resolve(folder, name))).toThrow(message);
  });

  it.skipIf(process.getuid?.() === 0)('refuses a file without the right to read it', () => {
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'x');
    chmodSync(secret, 0);
    expect(() => openFileSource(secret)).toThrow(/may not be read/);
  });
});
