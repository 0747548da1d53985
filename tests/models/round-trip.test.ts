import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ByteSource,
  encodedBytes,
  encodedChunks,
  encodeModel,
  readModel,
  validateModel,
} from '@tandem/core';
import { describe, expect, test } from 'vitest';
import { dataFolder } from '../data.ts';

const folder = join(dataFolder ?? '', 'models');
const files = dataFolder === null ? [] : readdirSync(folder).filter((name) => name.endsWith('.onnx'));

/** A file that counts what is read of it. */
function openCounted(path: string): ByteSource & { bytesRead(): number; close(): void } {
  const file = openSync(path, 'r');
  let count = 0;
  return {
    size: statSync(path).size,
    read: (offset, length) => {
      const bytes = new Uint8Array(length);
      count += length;
      return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
    },
    bytesRead: () => count,
    close: () => closeSync(file),
  };
}

describe.skipIf(dataFolder === null)('real models', () => {
  test.each(files)('%s: read without its weights, valid, written back byte for byte', (name) => {
    const path = join(folder, name);
    const bytes = readFileSync(path);
    const file = openCounted(path);
    try {
      const model = readModel(file);
      const tensors = model.graph.initializers.length;
      expect(file.bytesRead()).toBeLessThan(100_000 + 4096 * tensors);
      expect(validateModel(model)).toEqual([]);
      const encoded = encodeModel(model);
      expect(Buffer.compare(encodedBytes(encoded), bytes)).toBe(0);
      expect(Buffer.compare(Buffer.concat([...encodedChunks(encoded, 10_000)]), bytes)).toBe(0);
    } finally {
      file.close();
    }
  });
});
