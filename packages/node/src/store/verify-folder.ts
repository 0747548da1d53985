import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
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
  const hash = createSha256();
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk);
  return { name, sizeBytes: bytes(status.size), digest: hash.hexadecimal() };
}
