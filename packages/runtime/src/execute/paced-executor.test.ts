import { hertz, seconds } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { Pace } from '../actuate/pace.ts';
import { neverAborted } from '../conformance.ts';
import { virtualClock } from '../virtual-clock.ts';
import { nullExecutor } from './null-executor.ts';
import { type Overrun, pacedExecutor } from './paced-executor.ts';

const signal = neverAborted();
const segment = { digest: 'a', model: { path: '/nowhere' } };

/** A device that needs `workSeconds`, paced to `paceSeconds`. */
async function device(workSeconds: number, paceSeconds: number | undefined) {
  const clock = virtualClock();
  const overruns: Overrun[] = [];
  const inner = nullExecutor({
    segments: { a: { inputs: [], outputs: [] } },
    respond: async () => {
      await clock.sleep(seconds(workSeconds), signal);
      return [];
    },
  });
  const executor = pacedExecutor(inner, clock, { onOverrun: (overrun) => overruns.push(overrun) });
  const pace = paceSeconds === undefined ? {} : { paceSeconds: seconds(paceSeconds) };
  const loaded = await executor.load(segment, { signal, ...pace });
  return { clock, overruns, loaded };
}

describe('paced executor', () => {
  it.each([
    { work: 0.1, pace: 0.25, answeredAt: 0.25, overruns: 0 },
    { work: 0.25, pace: 0.25, answeredAt: 0.25, overruns: 0 },
    { work: 0.4, pace: 0.25, answeredAt: 0.4, overruns: 1 },
    { work: 0.1, pace: undefined, answeredAt: 0.1, overruns: 0 },
  ])('work of $work s at a pace of $pace s is answered at $answeredAt s', async (row) => {
    const { clock, overruns, loaded } = await device(row.work, row.pace);
    const answered = loaded.run([], signal).then(({ busySeconds }) => ({ at: clock.now(), busySeconds }));
    await clock.advance(1);
    const { at, busySeconds } = await answered;
    expect(at).toBeCloseTo(row.answeredAt, 12);
    if (row.pace !== undefined) expect(busySeconds).toBeCloseTo(row.answeredAt, 12);
    expect(overruns).toHaveLength(row.overruns);
  });

  it('says which segment could not be held to its pace, and how long it took', async () => {
    const { clock, overruns, loaded } = await device(3, 2);
    const running = loaded.run([], signal);
    await clock.advance(3);
    await running;
    expect(overruns).toEqual([{ digest: 'a', paceSeconds: 2, tookSeconds: 3 }]);
  });

  it('takes one run at a time, in the order of asking', async () => {
    const { clock, loaded } = await device(0.1, 1);
    const answeredAt: number[] = [];
    const runs = [1, 2, 3].map(() => loaded.run([], signal).then(() => answeredAt.push(clock.now())));
    await clock.advance(5);
    await Promise.all(runs);
    expect(answeredAt).toEqual([1, 2, 3]);
  });

  it('lets go of an answer that it holds when the run is aborted', async () => {
    const { clock, loaded } = await device(0.1, 10);
    const controller = new AbortController();
    const running = loaded.run([], controller.signal);
    await clock.advance(1);
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
  });
});

it('a paced executor takes as much longer as its pace is changed to, from the next run on', async () => {
  const clock = virtualClock();
  const pace = new Pace();
  const inner = nullExecutor({ segments: { a: { inputs: [], outputs: [] } }, respond: async () => [] });
  const loaded = await pacedExecutor(inner, clock, { pace }).load(segment, {
    signal,
    paceSeconds: seconds(1),
  });
  const took: number[] = [];
  const rates = [1e9, 5e8, 2e9].map(hertz);
  for (const rate of rates) {
    await pace.set({ hertz: rate, highestHertz: hertz(2e9), threads: 1, pacedHertz: hertz(1e9) });
    const running = loaded.run([], signal);
    await clock.advance(3);
    took.push((await running).busySeconds);
  }
  expect(took).toEqual([1, 2, 0.5]);
});
