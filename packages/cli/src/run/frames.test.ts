import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytes, graphOf, seconds, zooModel } from '@tandem/core';
import { modelCards } from '@tandem/node';
import { type Answer, type TensorValue, tensorNumbers } from '@tandem/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FrameMeter } from './frame-figures.ts';
import { framesOf, inOrder } from './frames-of.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-frames-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** CIFAR records, each of one grey. */
async function recordsOf(greys: readonly number[]): Promise<string> {
  const path = join(folder, `${greys.length}.bin`);
  await writeFile(path, Buffer.concat(greys.map((grey) => Buffer.alloc(3073, grey))));
  return path;
}

const graph = graphOf(zooModel('cifar-resnet-8'), { batch: 1 });
const card = modelCards['raw-255'];

describe('framesOf', () => {
  const greyOf = ([picture]: readonly TensorValue[]): number =>
    picture === undefined ? Number.NaN : (tensorNumbers(picture)[0] ?? Number.NaN);

  it('takes the frames in the order of the data, or those of a range', async () => {
    const path = await recordsOf([3, 4, 5, 6, 7, 8, 9]);
    const all = await framesOf({ path, graph, card }, 'ordered');
    expect(all.count).toBe(7);
    expect(greyOf(await all.read(1))).toBe(4);
    const some = await framesOf({ path, graph, card, range: [2, 5] }, 'ordered');
    const greys = await Promise.all([0, 1, 2].map(async (frame) => greyOf(await some.read(frame))));
    expect([some.count, greys]).toEqual([3, [5, 6, 7]]);
  });

  it('refuses a folder without frames, and none at all', async () => {
    const nowhere = framesOf({ path: join(folder, 'nowhere'), graph, card }, 'ordered');
    await expect(nowhere).rejects.toThrow(/cannot be read/);
    const empty = await mkdtemp(join(tmpdir(), 'tandem-frames-'));
    await expect(framesOf({ path: empty, graph, card }, 'ordered')).rejects.toThrow(/holds no frames/);
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
    repairs: 0,
    recut: false,
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
