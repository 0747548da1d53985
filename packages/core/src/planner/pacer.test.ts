import { describe, expect, it } from 'vitest';
import type { Clock } from '../clock.ts';
import { seconds } from '../units.ts';
import { createPacer } from './pacer.ts';

/** Counts who gives way. */
function handClock(): Clock & { time: number; slept: number } {
  const clock = {
    time: 0,
    slept: 0,
    now: () => seconds(clock.time),
    sleep: async () => {
      clock.slept++;
    },
  };
  return clock;
}

describe('createPacer', () => {
  it('gives way when a turn is used up, and not before', async () => {
    const clock = handClock();
    const pacer = createPacer({ clock, signal: new AbortController().signal });
    clock.time = 0.004;
    expect(pacer()).toBeUndefined();
    clock.time = 0.006;
    await pacer();
    expect(clock.slept).toBe(1);
    clock.time = 0.01;
    expect(pacer()).toBeUndefined();
  });

  it('hands who is asked by another no turn of its own, and takes that of the one before', async () => {
    const clock = handClock();
    const { signal } = new AbortController();
    const outer = createPacer({ clock, signal });
    clock.time = 0.004;
    const inner = createPacer({ clock, signal });
    clock.time = 0.006;
    await inner();
    expect(clock.slept).toBe(1);
    clock.time = 0.01;
    expect(outer()).toBeUndefined();
  });

  it('starts anew after a time in which nobody planned', () => {
    const clock = handClock();
    const { signal } = new AbortController();
    createPacer({ clock, signal });
    clock.time = 9;
    expect(createPacer({ clock, signal })()).toBeUndefined();
  });

  it('throws the reason of an aborted signal', () => {
    const controller = new AbortController();
    const pacer = createPacer({ clock: handClock(), signal: controller.signal });
    controller.abort(new Error('enough'));
    expect(() => pacer()).toThrow('enough');
  });
});
