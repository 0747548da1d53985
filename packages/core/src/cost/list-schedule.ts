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

/** A task in its place; seconds count from the request's arrival. One that never becomes ready keeps NaN as its times. */
export interface PlacedTask {
  resource: number;
  /** How long it occupies its resource: as it was set, and once placed from the start that it has. */
  listedSeconds: number;
  occupiedSeconds: number;
  startSeconds: number;
  endSeconds: number;
  /** end + delay */
  thereSeconds: number;
  /** What it sends. */
  bytes: number;
}

/** A task on its way to its place. */
interface Row extends PlacedTask {
  delaySeconds: number;
  byArrival: boolean;
  occupiedFrom: OccupiedFrom | null;
  /** When the last of its needs that are placed is there, and how many are not placed. */
  readyAt: number;
  pending: number;
  /** Its first edge to a task that needs it; -1 = none. */
  firstEdge: number;
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
    scheduler.set(index, resource, occupiedSeconds, delaySeconds, queue === 'arrival', occupiedFrom, 0);
    for (const earlier of task.after) scheduler.follow(index, earlier);
  }
  scheduler.run();
  return scheduler;
}

/**
 * `listSchedule` for many lists of tasks: `reset`, then `set` each task and `follow` each of its needs, then `run`. What it holds is
 * overwritten by the next `reset`. O(tasks × most that are ready at once + needs).
 */
export class ListScheduler {
  /** How many tasks there are. */
  count = 0;
  /** Whether each comes behind those before it in the list on its resource (`begin`). */
  inTurn = false;
  /** The first `count` hold. */
  readonly #rows: Row[] = [];
  /** By resource: when it has done what is placed. */
  readonly #free: number[] = [];
  /** Linked lists: by edge the task that needs, and the next edge of the same task that it needs. */
  readonly #edgeTask: number[] = [];
  readonly #nextEdge: number[] = [];
  #edges = 0;
  readonly #ready: number[] = [];
  #readyCount = 0;
  /** Tasks in the order in which they were placed: by their start. Not kept where each comes behind those before it on its resource. */
  readonly #order: number[] = [];
  #placed = 0;

  /** One of `count`. */
  at(task: number): Readonly<PlacedTask> {
    return this.#row(task);
  }

  reset(tasks: number, resources: number): void {
    this.#makeRoom(tasks);
    this.inTurn = false;
    this.#placed = 0;
    this.#edges = 0;
    for (let resource = 0; resource < resources; resource++) this.#free[resource] = 0;
    for (let task = 0; task < tasks; task++) {
      const row = this.#row(task);
      row.startSeconds = Number.NaN;
      row.endSeconds = Number.NaN;
      row.thereSeconds = Number.NaN;
      row.readyAt = 0;
      row.pending = 0;
      row.firstEdge = -1;
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
    bytes: number,
  ): void {
    const row = this.#row(task);
    row.resource = resource;
    row.listedSeconds = occupiedSeconds;
    row.occupiedSeconds = occupiedSeconds;
    row.delaySeconds = delaySeconds;
    row.byArrival = byArrival;
    row.occupiedFrom = occupiedFrom;
    row.bytes = bytes;
  }

  /** Instead of `reset`: nothing but `placeNext` follows. */
  begin(tasks: number): void {
    this.#makeRoom(tasks);
    this.inTurn = true;
  }

  /** A task whose start the caller knows: not before the end of those of lower number on its resource. */
  placeNext(
    task: number,
    resource: number,
    start: number,
    listedSeconds: number,
    occupiedSeconds: number,
    delaySeconds: number,
    bytes: number,
  ): Readonly<PlacedTask> {
    const row = this.#row(task);
    const end = start + occupiedSeconds;
    row.resource = resource;
    row.listedSeconds = listedSeconds;
    row.occupiedSeconds = occupiedSeconds;
    row.startSeconds = start;
    row.endSeconds = end;
    row.thereSeconds = end + delaySeconds;
    row.bytes = bytes;
    return row;
  }

  /** The tasks by place: those of each resource by their start. */
  taskAt(place: number): number {
    return this.inTurn ? place : (this.#order[place] ?? 0);
  }

  /** `task` needs the result of `earlier`. */
  follow(task: number, earlier: number): void {
    const needed = this.#row(earlier);
    const edge = this.#edges++;
    this.#row(task).pending++;
    this.#edgeTask[edge] = task;
    this.#nextEdge[edge] = needed.firstEdge;
    needed.firstEdge = edge;
  }

  /** False where tasks wait for each other. */
  run(): boolean {
    this.#readyCount = 0;
    for (let task = 0; task < this.count; task++)
      if (this.#row(task).pending === 0) this.#ready[this.#readyCount++] = task;
    while (this.#readyCount > 0) this.#place(this.#takeNext());
    return this.#placed === this.count;
  }

  #makeRoom(tasks: number): void {
    this.count = tasks;
    while (this.#rows.length < tasks) this.#rows.push(emptyRow());
  }

  #row(task: number): Row {
    return this.#rows[task] ?? emptyRow();
  }

  #place(task: number): void {
    const row = this.#row(task);
    const { resource, occupiedFrom } = row;
    const start = Math.max(row.readyAt, this.#free[resource] ?? 0);
    if (occupiedFrom !== null && start < Number.POSITIVE_INFINITY) row.occupiedSeconds = occupiedFrom(start);
    const end = start + row.occupiedSeconds;
    const there = end + row.delaySeconds;
    row.startSeconds = start;
    row.endSeconds = end;
    row.thereSeconds = there;
    this.#free[resource] = end;
    this.#order[this.#placed++] = task;
    for (let edge = row.firstEdge; edge >= 0; edge = this.#nextEdge[edge] ?? -1)
      this.#bring(this.#edgeTask[edge] ?? 0, there);
  }

  #bring(task: number, there: number): void {
    const row = this.#row(task);
    if (there > row.readyAt) row.readyAt = there;
    row.pending--;
    if (row.pending === 0) this.#ready[this.#readyCount++] = task;
  }

  /** The ready task with the earliest start; ties by arrival where the queue asks for it, then by position. */
  #takeNext(): number {
    let best = -1;
    let bestStart = 0;
    let bestTurn = 0;
    let bestPlace = 0;
    for (let place = 0; place < this.#readyCount; place++) {
      const task = this.#ready[place] ?? 0;
      const { readyAt, resource, byArrival } = this.#row(task);
      const start = Math.max(readyAt, this.#free[resource] ?? 0);
      const turn = byArrival ? readyAt : start;
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

const emptyRow = (): Row => ({
  resource: 0,
  listedSeconds: 0,
  occupiedSeconds: 0,
  startSeconds: 0,
  endSeconds: 0,
  thereSeconds: 0,
  bytes: 0,
  delaySeconds: 0,
  byArrival: false,
  occupiedFrom: null,
  readyAt: 0,
  pending: 0,
  firstEdge: -1,
});
