import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ByteRange,
  bufferSource,
  type EncodedModel,
  InvalidInputError,
  ResourceError,
} from '@tandem/core';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openFileSource } from './file-source.ts';
import { batches } from './range-batches.ts';
import { writeEncoded } from './write-encoded.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-write-'));
afterAll(() => rmSync(folder, { recursive: true }));

const source = bufferSource(Uint8Array.from({ length: 1000 }, (_, index) => index % 256));
const encoded = (ranges: ByteRange[]): EncodedModel => ({
  ranges,
  sizeBytes: ranges.reduce((sum, { length }) => sum + length, 0),
});

describe('batches', () => {
  it('yields the bytes of all ranges in order', () => {
    const range = fc
      .tuple(fc.nat(999), fc.nat(1000))
      .map(([offset, length]) => ({ source, offset, length: Math.min(length, 1000 - offset) }));
    fc.assert(
      fc.property(fc.array(range), fc.integer({ min: 1, max: 700 }), (ranges, batchBytes) => {
        const got = [...batches(ranges, batchBytes)].map((batch) => batch.length);
        const bytes: number[] = [];
        for (const batch of batches(ranges, batchBytes)) bytes.push(...batch);
        expect(bytes).toEqual(ranges.flatMap(({ offset, length }) => [...source.read(offset, length)]));
        expect(got.slice(0, -1).every((length) => length === batchBytes)).toBe(true);
      }),
      { seed: 2, numRuns: 200 },
    );
  });
});

describe('writeEncoded', () => {
  it('writes ranges of files and of memory, over several batches', async () => {
    const content = Uint8Array.from({ length: 3_000_000 }, (_, index) => (index * 13) % 256);
    const from = join(folder, 'from');
    writeFileSync(from, content);
    const file = openFileSource(from);
    const ranges = [
      { source: file, offset: 5, length: 2_500_000 },
      { source, offset: 0, length: 1000 },
      { source: file, offset: 0, length: 3_000_000 },
    ];
    await writeEncoded(join(folder, 'to'), encoded(ranges));
    file.close();
    const expected = Buffer.concat([content.subarray(5, 2_500_005), source.read(0, 1000), content]);
    expect(readFileSync(join(folder, 'to')).equals(expected)).toBe(true);
  });

  it('keeps the old file and leaves nothing else when it is interrupted', async () => {
    const path = join(folder, 'kept');
    writeFileSync(path, 'old');
    const failing = { size: 10, read: () => expect.fail('read') };
    await expect(writeEncoded(path, encoded([{ source: failing, offset: 0, length: 10 }]))).rejects.toThrow(
      'read',
    );
    await expect(
      writeEncoded(path, encoded([{ source, offset: 0, length: 9 }]), {
        signal: AbortSignal.abort(new Error('stopped')),
      }),
    ).rejects.toThrow('stopped');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('says that the folder is missing', async () => {
    await expect(writeEncoded(join(folder, 'no', 'file'), encoded([]))).rejects.toThrow(InvalidInputError);
  });

  it('says that the disk is full', async () => {
    await expect(fullDisk()).rejects.toThrow(ResourceError);
  });
});

/** A source that fails as a write to a full disk does: filling a real disk in a test would harm others. */
function fullDisk(): Promise<void> {
  const failure = Object.assign(new Error('no space'), { code: 'ENOSPC', syscall: 'write' });
  const failing = {
    size: 1,
    read: (): Uint8Array => {
      throw failure;
    },
  };
  return writeEncoded(join(folder, 'full'), encoded([{ source: failing, offset: 0, length: 1 }]));
}
