import { seconds } from '@tandem/core';
import { expect, it } from 'vitest';
import { virtualClock } from '../virtual-clock.ts';
import { Deadlines } from './deadlines.ts';
import { Tasks } from './tasks.ts';

function setUp() {
  const clock = virtualClock();
  const tasks = new Tasks(() => undefined);
  const life = new AbortController();
  return { clock, tasks, life, deadlines: new Deadlines({ clock, tasks, signal: life.signal }) };
}

const never = (): Promise<never> => new Promise(() => undefined);
const outcome = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    (value) => value,
    (error: Error) => error.message,
  );

it('gives what ends in time, and says of the rest how long it was given, each at its own time', async () => {
  const { clock, deadlines } = setUp();
  const ended: unknown[] = [];
  const add = (result: unknown): void => void ended.push(result);
  void outcome(deadlines.within(seconds(9), 'the ninth', never)).then(add);
  void outcome(deadlines.within(seconds(2), 'the second', never)).then(add);
  expect(await deadlines.within(seconds(1), 'the first', async () => 'done')).toBe('done');
  await clock.advance(1.9);
  expect(ended).toEqual([]);
  await clock.advance(0.2);
  expect(ended).toEqual([expect.stringContaining('the second took longer than 2 s')]);
  void outcome(deadlines.within(seconds(3), 'the last', never)).then(add);
  await clock.advance(6.8);
  expect(ended.slice(1)).toEqual([expect.stringContaining('the last took longer than 3 s')]);
  await clock.advance(0.2);
  expect(ended.slice(2)).toEqual([expect.stringContaining('the ninth took longer than 9 s')]);
});

it('hands on the failure of the work', async () => {
  const { deadlines } = setUp();
  const failing = deadlines.within(seconds(1), 'it', () => Promise.reject(new Error('broken')));
  await expect(failing).rejects.toThrow('broken');
});

it('ends all with the reason of its signal, leaves no timer, and begins nothing after', async () => {
  const { tasks, life, deadlines } = setUp();
  const waiting = outcome(deadlines.within(seconds(5), 'it', never));
  life.abort(new Error('over'));
  expect(await waiting).toBe('over');
  await tasks.settled();
  let begun = false;
  const late = deadlines.within(seconds(5), 'it', async () => (begun = true));
  await expect(late).rejects.toThrow('over');
  expect(begun).toBe(false);
});
