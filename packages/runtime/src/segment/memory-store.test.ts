import { createHash } from 'node:crypto';
import { bytes, type CreateSha256, digestBytes } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { neverAborted } from '../conformance.ts';
import { storeConformance } from './conformance.ts';
import { manifestOf } from './manifest.ts';
import { memoryStore } from './memory-store.ts';

const createSha256: CreateSha256 = () => {
  const hash = createHash('sha256');
  return { update: (chunk) => void hash.update(chunk), hexadecimal: () => hash.digest('hex') };
};

function manifestOfSize(size: number) {
  const part = {
    name: 'model.onnx',
    sizeBytes: bytes(size),
    digest: digestBytes(new Uint8Array(size), createSha256),
  };
  return manifestOf([part], createSha256);
}

describe('memory store', () => {
  const conformance = storeConformance({
    createStore: async () => memoryStore(createSha256),
    createSha256,
    read: async ({ model }, part) => {
      if (!('bytes' in model)) throw new Error('the memory store handed out a path');
      return part === 'model.onnx' ? model.bytes : model.weights;
    },
  });
  it.each(conformance)('$name', ({ run }) => run());

  it('counts what arrives and what is kept against its limit, and gives back what is abandoned', async () => {
    const store = memoryStore(createSha256, { limitBytes: 100 });
    const receive = (size: number) => store.receive(manifestOfSize(size), neverAborted());
    const first = await receive(60);
    await expect(receive(50)).rejects.toThrow('needs 50 bytes, the memory store has 40 of 100 left');
    await first.abandon();
    const second = await receive(70);
    await second.write('model.onnx', new Uint8Array(70));
    await second.finish();
    await expect(receive(31)).rejects.toMatchObject({ name: 'ResourceError' });
    await (await receive(30)).abandon();
  });

  it('does not count a segment twice that arrives twice', async () => {
    const store = memoryStore(createSha256, { limitBytes: 100 });
    for (const _time of [1, 2, 3]) {
      const receiver = await store.receive(manifestOfSize(50), neverAborted());
      await receiver.write('model.onnx', new Uint8Array(50));
      await receiver.finish();
    }
    await (await store.receive(manifestOfSize(49), neverAborted())).abandon();
  });
});
