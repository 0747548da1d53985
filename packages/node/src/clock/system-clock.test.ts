import { seconds } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { systemClock } from './system-clock.ts';

const signal = new AbortController().signal;

describe('systemClock', () => {
  it.each([0, 0.0003, 0.001, 0.0105])('never ends a sleep of %s s early', async (duration) => {
    for (let time = 0; time < 5; time++) {
      const startedAt = systemClock.now();
      await systemClock.sleep(seconds(duration), signal);
      expect(systemClock.now() - startedAt).toBeGreaterThanOrEqual(duration);
    }
  });

  it('gives others a turn even in a sleep of no time', async () => {
    const order: string[] = [];
    setImmediate(() => order.push('other'));
    await systemClock.sleep(seconds(0), signal);
    expect([...order, 'sleeper']).toEqual(['other', 'sleeper']);
  });

  it('wakes sleepers in the order of their times', async () => {
    const woken: number[] = [];
    const sleep = (duration: number) =>
      systemClock.sleep(seconds(duration), signal).then(() => woken.push(duration));
    await Promise.all([0.06, 0.02, 0.04].map(sleep));
    expect(woken).toEqual([0.02, 0.04, 0.06]);
  });

  it.each([0.0001, 10, Number.POSITIVE_INFINITY])('leaves a sleep of %s s when aborted', async (duration) => {
    const controller = new AbortController();
    const sleeping = systemClock.sleep(seconds(duration), controller.signal);
    controller.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
    await expect(systemClock.sleep(seconds(duration), controller.signal)).rejects.toThrow('enough');
  });
});
