import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isBitmap, readBitmap } from './read-bitmap.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-bitmap-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** 24 bits a pixel, rows from the bottom, each padded to four bytes: [[red, green], [blue, white]]. */
function twoByTwo(): Buffer {
  const file = Buffer.alloc(54 + 16);
  file.write('BM');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(54, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(2, 18);
  file.writeInt32LE(2, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  file.set([255, 0, 0, 255, 255, 255], 54);
  file.set([0, 0, 255, 0, 255, 0], 62);
  return file;
}

async function written(content: Uint8Array): Promise<string> {
  const path = join(folder, 'picture.bmp');
  await writeFile(path, content);
  return path;
}

describe('readBitmap', () => {
  it('gives red, green and blue, rows from the top', async () => {
    const path = await written(twoByTwo());
    expect(isBitmap(path)).toBe(true);
    const { width, height, data } = readBitmap(path, 4);
    expect({ width, height, data: [...data] }).toEqual({
      width: 2,
      height: 2,
      data: [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255],
    });
  });

  it('refuses a header that announces more pixels than allowed, before anything is allocated', async () => {
    const file = twoByTwo();
    file.writeInt32LE(2 ** 30, 18);
    const path = await written(file);
    expect(() => readBitmap(path, 1e8)).toThrow(/1073741824x2 pixels/);
  });

  it('answers any bytes with a picture or InvalidInputError', async () => {
    const property = fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(69), fc.nat(255)), { maxLength: 6 }),
      fc.integer({ min: 54, max: 70 }),
      async (changes, length) => {
        const file = twoByTwo();
        for (const [position, value] of changes) file[position] = value;
        const path = await written(file.subarray(0, length));
        try {
          const { width, height, data } = readBitmap(path, 1e6);
          expect(data).toHaveLength(width * height * 3);
        } catch (error) {
          expect(error).toMatchObject({ name: 'InvalidInputError' });
        }
      },
    );
    await fc.assert(property, { seed: 7, numRuns: 500 });
  });
});
