/** A piece of work that occupies one resource (a device or a link) from its start to its end. */
export interface Task {
  /** Resources are numbered by the caller, from 0. */
  readonly resource: number;
  readonly occupiedSeconds: number;
  /** Passes between the end of the work and its result being there, without occupying the resource. */
  readonly delaySeconds: number;
  /** Positions of the tasks whose results it needs. */
  readonly after: readonly number[];
  /** 'order': of the tasks that are ready the first in the list runs; 'arrival': the one that was ready first. */
  readonly queue: 'order' | 'arrival';
}

/** Seconds from the request's arrival, by task. A task that never becomes ready keeps NaN. */
export interface Schedule {
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** end + delay */
  readonly there: Float64Array;
}

/**
 * One request alone: each resource does one task at a time and never waits while one is ready.
 * The task that can start first is placed next, so no later placement can make an earlier start possible. O(tasks²).
 */
export function listSchedule(tasks: readonly Task[]): Schedule {
  const count = tasks.length;
  const start = new Float64Array(count).fill(Number.NaN);
  const end = new Float64Array(count).fill(Number.NaN);
  const there = new Float64Array(count).fill(Number.NaN);
  const free = freeTimes(tasks);
  for (let placed = 0; placed < count; placed++) {
    const index = nextTask(tasks, there, free);
    const task = tasks[index];
    if (task === undefined) break;
    start[index] = Math.max(readyTime(task, there), free[task.resource] ?? 0);
    end[index] = (start[index] ?? 0) + task.occupiedSeconds;
    there[index] = (end[index] ?? 0) + task.delaySeconds;
    free[task.resource] = end[index] ?? 0;
  }
  return { start, end, there };
}

function freeTimes(tasks: readonly Task[]): Float64Array {
  return new Float64Array(tasks.reduce((most, task) => Math.max(most, task.resource + 1), 0));
}

/** The unplaced task with the earliest start; ties by arrival where the queue asks for it, then by position. -1 = none is ready. */
function nextTask(tasks: readonly Task[], there: Float64Array, free: Float64Array): number {
  let best = -1;
  let bestStart = 0;
  let bestReady = 0;
  for (let index = 0; index < tasks.length; index++) {
    const task = tasks[index];
    if (task === undefined || !Number.isNaN(there[index])) continue;
    const ready = readyTime(task, there);
    if (Number.isNaN(ready)) continue;
    const start = Math.max(ready, free[task.resource] ?? 0);
    const turn = task.queue === 'arrival' ? ready : start;
    if (best >= 0 && (start > bestStart || (start === bestStart && turn >= bestReady))) continue;
    best = index;
    bestStart = start;
    bestReady = turn;
  }
  return best;
}

/** When the last needed result is there; NaN when one is not placed yet. */
function readyTime(task: Task, there: Float64Array): number {
  let ready = 0;
  for (const index of task.after) {
    const time = there[index] ?? Number.NaN;
    if (Number.isNaN(time)) return time;
    if (time > ready) ready = time;
  }
  return ready;
}
