/** A piece of work that occupies one resource (a device or a link) from its start to its end. */
export interface Task {
  /** Resources are numbered by the caller, from 0. */
  readonly resource: number;
  readonly occupiedSeconds: number;
  /** Where it depends on the start how long the task occupies its resource: used instead of `occupiedSeconds`. */
  readonly occupiedFrom?: OccupiedFrom;
  /** Passes between the end of the work and its result being there, without occupying the resource. */
  readonly delaySeconds: number;
  /** Positions of the tasks whose results it needs. */
  readonly after: readonly number[];
  /** 'order': of the tasks that are ready the first in the list runs; 'arrival': the one that was ready first. */
  readonly queue: 'order' | 'arrival';
}

export type OccupiedFrom = (startSeconds: number) => number;

/** Seconds from the request's arrival, by task. A task that never becomes ready keeps NaN. */
export interface Schedule {
  readonly start: readonly number[];
  readonly end: readonly number[];
  /** end + delay */
  readonly there: readonly number[];
}

/**
 * One request alone: each resource does one task at a time and never waits while one is ready.
 * The task that can start first is placed next, so no later placement can make an earlier start possible.
 */
export function listSchedule(tasks: readonly Task[]): ListScheduler {
  const scheduler = new ListScheduler();
  const resources = tasks.reduce((most, task) => Math.max(most, task.resource + 1), 0);
  scheduler.reset(tasks.length, resources);
  for (const [index, task] of tasks.entries()) {
    const { resource, occupiedSeconds, delaySeconds, queue, occupiedFrom = null } = task;
    scheduler.set(index, resource, occupiedSeconds, delaySeconds, queue === 'arrival', occupiedFrom);
    for (const earlier of task.after) scheduler.follow(index, earlier);
  }
  scheduler.run();
  return scheduler;
}

/**
 * `listSchedule` for many lists of tasks: `reset`, then `set` each task and `follow` each of its needs, then `run`. What it holds is
 * overwritten by the next `reset`. O(tasks × most that are ready at once + needs).
 */
export class ListScheduler implements Schedule {
  /** How many tasks there are; lists may be longer. */
  count = 0;
  /** Whether each comes behind those before it in the list on its resource (`begin`). */
  inTurn = false;
  readonly start: number[] = [];
  readonly end: number[] = [];
  readonly there: number[] = [];
  readonly resource: number[] = [];
  /** How long each task occupies its resource: as it was set, and once placed from the start that it has. */
  readonly listed: number[] = [];
  readonly occupied: number[] = [];
  readonly #delay: number[] = [];
  readonly #byArrival: boolean[] = [];
  readonly #occupiedFrom: (OccupiedFrom | null)[] = [];
  /** By resource: when it has done what is placed. */
  readonly #free: number[] = [];
  /** By task: when the last of its needs that are placed is there, and how many are not placed. */
  readonly #readyAt: number[] = [];
  readonly #pending: number[] = [];
  /** Linked lists: by task its first edge to a task that needs it; by edge that task and the next edge. */
  readonly #firstEdge: number[] = [];
  readonly #edgeTask: number[] = [];
  readonly #nextEdge: number[] = [];
  #edges = 0;
  readonly #ready: number[] = [];
  #readyCount = 0;
  /** Tasks in the order in which they were placed: by their start. Not kept where each comes behind those before it on its resource. */
  readonly #order: number[] = [];
  #placed = 0;

  reset(tasks: number, resources: number): void {
    this.count = tasks;
    this.inTurn = false;
    this.#placed = 0;
    this.#edges = 0;
    for (let resource = 0; resource < resources; resource++) this.#free[resource] = 0;
    for (let task = 0; task < tasks; task++) {
      this.start[task] = Number.NaN;
      this.end[task] = Number.NaN;
      this.there[task] = Number.NaN;
      this.#readyAt[task] = 0;
      this.#pending[task] = 0;
      this.#firstEdge[task] = -1;
    }
  }

  /** Resources are free from these times on, and not from 0: after `reset`. */
  occupyUntil(free: readonly number[]): void {
    for (const [resource, time] of free.entries()) this.#free[resource] = time;
  }

  /** When each of the first `resources` has done all that is placed. */
  freeFrom(resources: number): number[] {
    return this.#free.slice(0, resources);
  }

  set(
    task: number,
    resource: number,
    occupiedSeconds: number,
    delaySeconds: number,
    byArrival: boolean,
    occupiedFrom: OccupiedFrom | null,
  ): void {
    this.resource[task] = resource;
    this.listed[task] = occupiedSeconds;
    this.occupied[task] = occupiedSeconds;
    this.#delay[task] = delaySeconds;
    this.#byArrival[task] = byArrival;
    this.#occupiedFrom[task] = occupiedFrom;
  }

  /** Instead of `reset`: nothing but `placeNext` follows. Lists grow from the front: one with a hole in it is slow to read. */
  begin(tasks: number): void {
    this.count = tasks;
    this.inTurn = true;
    for (let task = this.start.length; task < tasks; task++) this.placeNext(task, 0, 0, 0, 0, 0);
  }

  /** A task whose start the caller knows: not before the end of those of lower number on its resource. Returns its end. */
  placeNext(
    task: number,
    resource: number,
    start: number,
    listedSeconds: number,
    occupiedSeconds: number,
    delaySeconds: number,
  ): number {
    const end = start + occupiedSeconds;
    this.resource[task] = resource;
    this.listed[task] = listedSeconds;
    this.occupied[task] = occupiedSeconds;
    this.start[task] = start;
    this.end[task] = end;
    this.there[task] = end + delaySeconds;
    return end;
  }

  /** The tasks by place: those of each resource by their start. */
  taskAt(place: number): number {
    return this.inTurn ? place : (this.#order[place] ?? 0);
  }

  /** `task` needs the result of `earlier`. */
  follow(task: number, earlier: number): void {
    this.#pending[task] = (this.#pending[task] ?? 0) + 1;
    const edge = this.#edges++;
    this.#edgeTask[edge] = task;
    this.#nextEdge[edge] = this.#firstEdge[earlier] ?? -1;
    this.#firstEdge[earlier] = edge;
  }

  /** False where tasks wait for each other. */
  run(): boolean {
    this.#readyCount = 0;
    for (let task = 0; task < this.count; task++)
      if (this.#pending[task] === 0) this.#ready[this.#readyCount++] = task;
    while (this.#readyCount > 0) this.#place(this.#takeNext());
    return this.#placed === this.count;
  }

  #place(task: number): void {
    const resource = this.resource[task] ?? 0;
    const start = Math.max(this.#readyAt[task] ?? 0, this.#free[resource] ?? 0);
    const occupiedFrom = this.#occupiedFrom[task] ?? null;
    if (occupiedFrom !== null && start < Number.POSITIVE_INFINITY) this.occupied[task] = occupiedFrom(start);
    const end = start + (this.occupied[task] ?? 0);
    const there = end + (this.#delay[task] ?? 0);
    this.start[task] = start;
    this.end[task] = end;
    this.there[task] = there;
    this.#free[resource] = end;
    this.#order[this.#placed++] = task;
    for (let edge = this.#firstEdge[task] ?? -1; edge >= 0; edge = this.#nextEdge[edge] ?? -1)
      this.#bring(this.#edgeTask[edge] ?? 0, there);
  }

  #bring(task: number, there: number): void {
    if (there > (this.#readyAt[task] ?? 0)) this.#readyAt[task] = there;
    const pending = (this.#pending[task] ?? 0) - 1;
    this.#pending[task] = pending;
    if (pending === 0) this.#ready[this.#readyCount++] = task;
  }

  /** The ready task with the earliest start; ties by arrival where the queue asks for it, then by position. */
  #takeNext(): number {
    let best = -1;
    let bestStart = 0;
    let bestTurn = 0;
    let bestPlace = 0;
    for (let place = 0; place < this.#readyCount; place++) {
      const task = this.#ready[place] ?? 0;
      const readyAt = this.#readyAt[task] ?? 0;
      const start = Math.max(readyAt, this.#free[this.resource[task] ?? 0] ?? 0);
      const turn = this.#byArrival[task] === true ? readyAt : start;
      const isLater =
        start !== bestStart ? start > bestStart : turn !== bestTurn ? turn > bestTurn : task > best;
      if (best >= 0 && isLater) continue;
      best = task;
      bestStart = start;
      bestTurn = turn;
      bestPlace = place;
    }
    this.#ready[bestPlace] = this.#ready[--this.#readyCount] ?? best;
    return best;
  }
}
