import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { bytes } from '@tandem/core';
import { manifestOf, type PartManifest, type StoredSegment } from '@tandem/runtime';
import { createSha256 } from '../digest/sha256.ts';

export function storedAt(folder: string, digest: string): StoredSegment {
  return { digest, model: { path: join(folder, digest, 'model.onnx') } };
}

/** Whether the files of a segment's folder are what its digest says; a folder that is not is removed. */
export async function verifyFolder(folder: string, digest: string): Promise<boolean> {
  const model = await partOf(folder, 'model.onnx');
  if (model === null) return false;
  const weights = await partOf(folder, 'weights.bin');
  const parts = weights === null ? [model] : [model, weights];
  if (manifestOf(parts, createSha256).digest === digest) return true;
  await rm(folder, { recursive: true, force: true });
  return false;
}

async function partOf(folder: string, name: string): Promise<PartManifest | null> {
  const path = join(folder, name);
  const status = await stat(path).catch(() => null);
  if (status === null || !status.isFile()) return null;
  const file = await open(path);
  try {
    return { name, sizeBytes: bytes(status.size), digest: await digestOf(file) };
  } finally {
    await file.close();
  }
}

/** Through one buffer: those of a stream would lie about as garbage while the model is loaded. */
async function digestOf(file: FileHandle): Promise<string> {
  const hash = createSha256();
  const buffer = new Uint8Array(2 ** 20);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length);
    if (bytesRead === 0) return hash.hexadecimal();
    hash.update(buffer.subarray(0, bytesRead));
  }
}
