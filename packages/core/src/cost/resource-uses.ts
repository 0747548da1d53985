import { shareOfRequest } from './batched-stage.ts';
import type { ListScheduler, PlacedTask } from './list-schedule.ts';
import type { PlacedStage } from './placed-stage.ts';
import { nowhere, type ProblemIndex, resourceCount } from './problem-index.ts';

/** How one request uses a device or link. */
export interface ResourceUse {
  /** Position in the transfer table; -1 = no link. */
  readonly link: number;
  /** In this request, of which trace links make what they were at that moment. Of a batch, the request's part. */
  busySeconds: number;
  /** While this request runs, for others of its batches. */
  othersSeconds: number;
  /** In each request of a stream: links at the rates of the transfer table. */
  pacedSeconds: number;
  /** First start and last end. */
  firstSeconds: number;
  lastSeconds: number;
  /** What crosses the link. */
  bytes: number;
}

interface Row extends ResourceUse {
  /** In which it was used last: what was counted in another does not hold. */
  round: number;
}

/** How one request uses the devices and links, by resource (`linkResource`); overwritten by the next `count` or `begin`. */
export class ResourceUses {
  /** Of the links that carry something, in the order of the transfer table; the first `linkCount` hold. */
  readonly links: Readonly<ResourceUse>[] = [];
  linkCount = 0;
  latencySeconds = 0;
  periodSeconds = 0;
  bytesSent = 0;
  /** By resource. */
  readonly #rows: readonly Row[];
  #round = 0;
  /** Of the resources used in this round; the first `#usedCount` hold. */
  readonly #used: Row[] = [];
  #usedCount = 0;

  constructor(index: ProblemIndex) {
    const firstLink = index.deviceIds.length;
    this.#rows = Array.from({ length: resourceCount(index) }, (_, resource) =>
      emptyRow(resource < firstLink || resource === nowhere(index) ? -1 : resource - firstLink),
    );
  }

  /** `begin`, `add` of each task, `finish`; `stages` are the first of the tasks. @default none runs requests together */
  count(tasks: ListScheduler, stages: readonly PlacedStage[] = []): void {
    this.begin();
    for (let at = 0; at < tasks.count; at++) this.add(tasks.at(at));
    this.#share(tasks, stages);
    this.finish();
  }

  begin(): void {
    this.#round++;
    this.#usedCount = 0;
    this.linkCount = 0;
    this.latencySeconds = 0;
    this.bytesSent = 0;
  }

  add(task: Readonly<PlacedTask>): void {
    const { startSeconds, endSeconds, bytes } = task;
    const use = this.used(task.resource, startSeconds);
    use.busySeconds += task.occupiedSeconds;
    use.pacedSeconds += task.listedSeconds;
    if (startSeconds < use.firstSeconds) use.firstSeconds = startSeconds;
    if (endSeconds > use.lastSeconds) use.lastSeconds = endSeconds;
    use.bytes += bytes;
    this.bytesSent += bytes;
    this.latencySeconds = Math.max(this.latencySeconds, task.thereSeconds);
  }

  finish(): void {
    let most = 0;
    for (let at = 0; at < this.#usedCount; at++)
      most = Math.max(most, (this.#used[at] ?? unused).pacedSeconds);
    this.periodSeconds = most;
  }

  of(resource: number): Readonly<ResourceUse> {
    const row = this.#rows[resource];
    return row !== undefined && row.round === this.#round ? row : unused;
  }

  pacedSeconds(): number[] {
    return this.#rows.map((_row, resource) => this.of(resource).pacedSeconds);
  }

  /** Whether any work is done there. */
  isUsed(resource: number): boolean {
    return this.of(resource) !== unused;
  }

  /** The row of a resource that is used, to be added to; `firstSeconds` where nothing has been. */
  protected used(resource: number, firstSeconds: number): ResourceUse {
    const row = this.#rows[resource] ?? emptyRow(-1);
    if (row.round === this.#round) return row;
    row.round = this.#round;
    row.busySeconds = 0;
    row.othersSeconds = 0;
    row.pacedSeconds = 0;
    row.firstSeconds = firstSeconds;
    row.lastSeconds = 0;
    row.bytes = 0;
    this.#used[this.#usedCount++] = row;
    if (row.link >= 0) this.#listLink(row);
    return row;
  }

  /** In its place among those listed. */
  #listLink(row: Row): void {
    const { links } = this;
    let at = this.linkCount++;
    for (; at > 0; at--) {
      const before = links[at - 1] ?? unused;
      if (before.link < row.link) break;
      links[at] = before;
    }
    links[at] = row;
  }

  /** Takes from what was counted what belongs to other requests of the same batches. */
  #share(tasks: ListScheduler, stages: readonly PlacedStage[]): void {
    for (let stage = 0; stage < stages.length; stage++) {
      const placed = stages[stage];
      if (placed === undefined || placed.together === null) continue;
      const use = this.used(placed.device, 0);
      const theirs = tasks.at(stage).occupiedSeconds * (1 - shareOfRequest(placed));
      use.busySeconds -= theirs;
      use.pacedSeconds -= theirs;
      use.othersSeconds += theirs;
    }
  }
}

const emptyRow = (link: number): Row => ({
  link,
  busySeconds: 0,
  othersSeconds: 0,
  pacedSeconds: 0,
  firstSeconds: Number.POSITIVE_INFINITY,
  lastSeconds: 0,
  bytes: 0,
  round: -1,
});

const unused: Readonly<ResourceUse> = emptyRow(-1);
