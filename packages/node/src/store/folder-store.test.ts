import { mkdtempSync, rmSync } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytes, digestBytes } from '@tandem/core';
import {
  manifestOf,
  neverAborted,
  type SegmentStore,
  type StoredSegment,
  storeConformance,
} from '@tandem/runtime';
import { afterAll, describe, expect, it } from 'vitest';
import { createSha256 } from '../digest/sha256.ts';
import { folderStore } from './folder-store.ts';
import { storeError } from './store-error.ts';

const scratch = mkdtempSync(join(tmpdir(), 'folder-store-'));
afterAll(() => rmSync(scratch, { recursive: true }));

let folders = 0;
const freshFolder = () => join(scratch, `store-${++folders}`);

describe('folder store', () => {
  const conformance = storeConformance({
    createStore: async () => folderStore(freshFolder()),
    createSha256,
    read: (segment, part) => readFile(join(pathOf(segment), '..', part)).catch(() => null),
  });
  it.each(conformance)('$name', ({ run }) => run());
});

const model = new TextEncoder().encode('a model');
const part = { name: 'model.onnx', sizeBytes: bytes(model.length), digest: digestBytes(model, createSha256) };
const manifest = manifestOf([part], createSha256);

describe('the folder of a store', () => {
  it('holds <digest>/<part> and nothing else, and is found again by the next process', async () => {
    const folder = freshFolder();
    const stored = await put(folderStore(folder));
    expect(await readdir(folder)).toEqual([manifest.digest]);
    expect(await folderStore(folder).find(manifest.digest)).toEqual(stored);
    expect(pathOf(stored)).toBe(join(folder, manifest.digest, 'model.onnx'));
  });

  it('is rid of a segment that was spoilt since', async () => {
    const folder = freshFolder();
    const stored = await put(folderStore(folder));
    await appendFile(pathOf(stored), 'x');
    const store = folderStore(folder);
    expect(await store.find(manifest.digest)).toBeNull();
    expect(await readdir(folder)).toEqual([]);
    expect(await readFile(pathOf(await put(store)), 'utf8')).toBe('a model');
  });

  it('is rid of what somebody else left under the digest of what arrives', async () => {
    const folder = freshFolder();
    await mkdir(join(folder, manifest.digest), { recursive: true });
    await writeFile(join(folder, manifest.digest, 'model.onnx'), 'no model');
    expect(await readFile(pathOf(await put(folderStore(folder))), 'utf8')).toBe('a model');
  });

  it.each([
    { temporary: true, left: [] },
    { temporary: false, left: [manifest.digest] },
  ])('temporary $temporary: close leaves $left', async ({ temporary, left }) => {
    const folder = freshFolder();
    const store = folderStore(folder, { temporary });
    await put(store);
    await store.receive(manifest, neverAborted());
    await store.close();
    expect(await readdir(folder)).toEqual(left);
  });

  it('is left as it was by a refused segment', async () => {
    const folder = freshFolder();
    const receiver = await folderStore(folder).receive(manifest, neverAborted());
    await expect(receiver.write('model.onnx', new Uint8Array(1000))).rejects.toMatchObject({
      name: 'ProtocolError',
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it('cannot be below a file', async () => {
    const file = join(scratch, 'a-file');
    await writeFile(file, '');
    await expect(put(folderStore(join(file, 'store')))).rejects.toMatchObject({
      name: 'InvalidInputError',
      message: expect.stringContaining('ENOTDIR'),
    });
  });
});

it.each([
  { code: 'ENOSPC', name: 'ResourceError' },
  { code: 'EDQUOT', name: 'ResourceError' },
  { code: 'EACCES', name: 'InvalidInputError' },
])('a write that fails with $code is a $name', ({ code, name }) => {
  expect(storeError('/x', Object.assign(new Error(), { code }))).toMatchObject({
    name,
    message: expect.stringContaining(code),
  });
});

async function put(store: SegmentStore): Promise<StoredSegment> {
  const receiver = await store.receive(manifest, neverAborted());
  await receiver.write('model.onnx', model);
  return receiver.finish();
}

function pathOf(segment: StoredSegment): string {
  if ('path' in segment.model) return segment.model.path;
  throw new Error('the folder store handed out bytes');
}
