import { coderConformance, neverAborted } from '@tandem/runtime';
import { describe, expect, it } from 'vitest';
import { coderThread } from './coder-thread.ts';

const signal = neverAborted();

describe('coder thread', () => {
  describe.each([
    ['here', 2 ** 20],
    ['in the thread', 0],
  ])('coding %s', (_, hereBytes) => {
    it.each(coderConformance(() => coderThread({ hereBytes })))('$name', ({ run }) => run());
  });

  it('refuses to code once closed, and ends what waits', async () => {
    const coder = coderThread({ hereBytes: 0 });
    const form = { shape: [2], codec: { kind: 'fp16' } } as const;
    const waiting = coder.encode(new Uint8Array(8), form, signal);
    const ended = expect(waiting).rejects.toThrow('closed');
    await coder.close();
    await ended;
    await expect(coder.encode(new Uint8Array(8), form, signal)).rejects.toThrow('closed');
  });

  it('leaves this thread free while it codes', async () => {
    const coder = coderThread();
    const count = 2 ** 22;
    const form = { shape: [count], codec: { kind: 'affine', bits: 3, perChannel: false } } as const;
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await coder.encode(new Uint8Array(Float32Array.from({ length: count }, Math.sin).buffer), form, signal);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
    await coder.close();
  });
});
