import { describe, expect, it } from 'vitest';
import { listSchedule, type Task } from './list-schedule.ts';

const task = (
  resource: number,
  occupiedSeconds: number,
  after: number[],
  options: Partial<Task> = {},
): Task => ({
  resource,
  occupiedSeconds,
  delaySeconds: 0,
  after,
  queue: 'order',
  ...options,
});

describe('listSchedule', () => {
  it.each<{ what: string; tasks: Task[]; start: number[] }>([
    { what: 'nothing', tasks: [], start: [] },
    { what: 'a chain', tasks: [task(0, 2, []), task(1, 3, [0]), task(0, 1, [1])], start: [0, 2, 5] },
    { what: 'one resource, in order', tasks: [task(0, 2, []), task(0, 3, [])], start: [0, 2] },
    {
      what: 'a later task while the first is not ready',
      tasks: [task(0, 2, [1]), task(1, 4, []), task(0, 3, [])],
      start: [4, 0, 0],
    },
    {
      what: 'the first of the list when two became ready meanwhile',
      tasks: [task(0, 1, [2]), task(0, 1, []), task(1, 3, []), task(0, 5, [])],
      start: [6, 0, 0, 1],
    },
    {
      what: 'arrival before order',
      tasks: [
        task(2, 5, [], { queue: 'arrival' }),
        task(2, 1, [3], { queue: 'arrival' }),
        task(2, 1, [4], { queue: 'arrival' }),
        task(0, 3, []),
        task(1, 2, []),
      ],
      start: [0, 6, 5, 0, 0],
    },
    {
      what: 'a delay that does not occupy',
      tasks: [task(0, 1, [], { delaySeconds: 10 }), task(0, 1, []), task(1, 1, [0])],
      start: [0, 1, 11],
    },
    { what: 'a cycle: never', tasks: [task(0, 1, [1]), task(1, 1, [0])], start: [Number.NaN, Number.NaN] },
    {
      what: 'what waits for something that never ends',
      tasks: [task(0, Number.POSITIVE_INFINITY, []), task(1, 1, [0])],
      start: [0, Number.POSITIVE_INFINITY],
    },
  ])('places $what', ({ tasks, start }) => {
    const schedule = listSchedule(tasks);
    expect(tasks.map((_task, at) => schedule.at(at).startSeconds)).toEqual(start);
  });
});
