import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytes, seconds } from '@tandem/core';
import type { Answer } from '@tandem/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FrameMeter } from './frame-figures.ts';
import { framesOf, inOrder } from './frames-of.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-frames-'));
  for (const name of ['b.JPG', 'a.jpeg', 'frames.json', 'c.png']) await writeFile(join(folder, name), '');
});
afterAll(() => rm(folder, { recursive: true }));

describe('framesOf', () => {
  it('takes the pictures of a folder by name', async () => {
    expect(await framesOf(folder, 'ordered')).toEqual(
      ['a.jpeg', 'b.JPG', 'c.png'].map((name) => join(folder, name)),
    );
  });

  it('refuses a folder without pictures, and none at all', async () => {
    await expect(framesOf(join(folder, 'nowhere'), 'ordered')).rejects.toThrow(/cannot be read/);
    const empty = await mkdtemp(join(tmpdir(), 'tandem-frames-'));
    await expect(framesOf(empty, 'ordered')).rejects.toThrow(/has no pictures/);
    await rm(empty, { recursive: true });
  });
});

describe('inOrder', () => {
  const frames = Array.from({ length: 95 }, (_, at) => String(at).padStart(2, '0'));

  it('keeps every frame, the same way each time', () => {
    for (const order of ['ordered', 'runs', 'shuffled'] as const) {
      expect(inOrder(frames, order).toSorted()).toEqual(frames);
      expect(inOrder(frames, order)).toEqual(inOrder(frames, order));
    }
  });

  it('leaves neighbours together in runs of 20, and apart where frames are shuffled', () => {
    const neighbours = (order: 'runs' | 'shuffled'): number => {
      const own = inOrder(frames, order);
      return own.filter((frame, at) => at > 0 && Number(frame) === Number(own[at - 1]) + 1).length;
    };
    expect(neighbours('runs')).toBeGreaterThanOrEqual(95 - 5);
    expect(inOrder(frames, 'runs')).not.toEqual(frames);
    expect(neighbours('shuffled')).toBeLessThan(10);
  });
});

describe('FrameMeter', () => {
  const answer = (exitStage: number | null, bits: 4 | 8): Answer => ({
    outputs: [],
    exit: exitStage === null ? null : { stage: exitStage, device: 'pi', label: 1, score: 2 },
    stages: [],
    transfers:
      exitStage === null
        ? [
            {
              tensor: 'f',
              from: 'pi',
              to: 'server',
              seconds: null,
              bytes: bytes(10 * bits),
              codec: { kind: 'affine', bits, perChannel: false },
              rawBecause: null,
            },
          ]
        : [],
    seconds: seconds(exitStage === null ? 3 : 1),
  });

  it('counts exits, bits, bytes, latency and agreement', () => {
    const meter = new FrameMeter();
    meter.answer(0, 1, answer(null, 8));
    meter.answer(1, 1, answer(0, 8));
    meter.answer(2, 2, answer(null, 4));
    meter.answer(3, 2, answer(0, 8));
    meter.fail('the first');
    meter.fail('the second');
    const whole = new Map([1, 1, 2, 1].entries());
    expect(meter.line(6)).toContain('6 of 6 frames, 50.0 % left early');
    expect(meter.finish(2, whole)).toMatchObject({
      answered: 4,
      failed: 2,
      firstError: 'the first',
      exits: [{ stage: 0, frames: 2, share: 0.5 }],
      exitShare: 0.5,
      bits: [
        { bits: 4, tensors: 1 },
        { bits: 8, tensors: 1 },
      ],
      bytesSent: 120,
      bytesPerFrame: 30,
      latencySeconds: { mean: 2 },
      framesPerSecond: 2,
      repeated: 2,
      agreement: { same: 3, frames: 4 },
      exitAgreement: { same: 1, frames: 2 },
    });
  });
});
