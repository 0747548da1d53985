import { type Clock, seconds } from '@tandem/core';
import { expect, it } from 'vitest';
import { Alarm } from './alarm.ts';
import { virtualClock } from './virtual-clock.ts';
import { Tasks } from './wire/tasks.ts';

function setUp() {
  const clock = virtualClock();
  const rung: number[] = [];
  const timers: number[] = [];
  const counting: Clock = {
    now: () => clock.now(),
    sleep: (duration, signal) => {
      timers.push(duration);
      return clock.sleep(duration, signal);
    },
  };
  const tasks = new Tasks(() => undefined);
  const alarm = new Alarm(counting, tasks, () => rung.push(clock.now()));
  return { clock, tasks, alarm, rung, timers };
}

it('rings for the earliest deadline, whatever comes later', async () => {
  const { clock, alarm, rung } = setUp();
  for (const at of [5, 3, 4]) alarm.set(seconds(at));
  await clock.advance(9);
  expect(rung).toEqual([3]);
});

it('keeps its one timer while deadlines come and go, and then rings at most once in vain', async () => {
  const { clock, alarm, rung, timers } = setUp();
  for (let request = 0; request < 5; request++) {
    alarm.set(seconds(clock.now() + 10));
    await clock.advance(1);
    alarm.set(null);
  }
  expect(timers).toEqual([10]);
  await clock.advance(20);
  expect(rung).toEqual([10]);
});

it('leaves no timer when it is stopped', async () => {
  const { clock, tasks, alarm, rung } = setUp();
  alarm.set(seconds(5));
  alarm.stop();
  await tasks.settled();
  await clock.advance(9);
  expect(rung).toEqual([]);
});
