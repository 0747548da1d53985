import { shareOfRequest } from './batched-stage.ts';
import type { ListScheduler } from './list-schedule.ts';
import type { PlacedStage } from './placed-stage.ts';
import { type ProblemIndex, resourceCount } from './problem-index.ts';

/** How one request uses a device or link. */
export interface ResourceUse {
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

/** How one request uses the devices and links, by resource (`linkResource`); overwritten by the next `count`. */
export class ResourceUses {
  /** Positions in the transfer table of the links that carry something, ascending; the first `linkCount` hold. */
  readonly links: number[] = [];
  linkCount = 0;
  latencySeconds = 0;
  periodSeconds = 0;
  bytesSent = 0;
  readonly #firstLink: number;
  /** By resource. */
  readonly #rows: readonly Row[];
  #round = 0;
  /** The resources used in this round; the first `#usedCount` hold. */
  readonly #used: number[] = [];
  #usedCount = 0;

  constructor(index: ProblemIndex) {
    this.#firstLink = index.devices.size;
    this.#rows = Array.from({ length: resourceCount(index) }, emptyRow);
  }

  /** `stages` are the first of the tasks. @default none runs requests together */
  count(tasks: ListScheduler, stages: readonly PlacedStage[] = []): void {
    this.begin();
    let latency = 0;
    let bytesSent = 0;
    for (let at = 0; at < tasks.count; at++) {
      const task = tasks.at(at);
      const use = this.used(task.resource, task.startSeconds);
      use.busySeconds += task.occupiedSeconds;
      use.pacedSeconds += task.listedSeconds;
      if (task.startSeconds < use.firstSeconds) use.firstSeconds = task.startSeconds;
      if (task.endSeconds > use.lastSeconds) use.lastSeconds = task.endSeconds;
      use.bytes += task.bytes;
      bytesSent += task.bytes;
      latency = Math.max(latency, task.thereSeconds);
    }
    this.latencySeconds = latency;
    this.bytesSent = bytesSent;
    this.#share(tasks, stages);
    this.periodSeconds = this.mostPacedSeconds();
  }

  of(resource: number): Readonly<ResourceUse> {
    const row = this.#rows[resource];
    return row !== undefined && row.round === this.#round ? row : unused;
  }

  pacedSeconds(): number[] {
    return this.#rows.map((_row, resource) => this.of(resource).pacedSeconds);
  }

  /** Of the link at a position in the transfer table. */
  ofLink(link: number): Readonly<ResourceUse> {
    return this.of(this.#firstLink + link);
  }

  /** Whether any work is done there. */
  isUsed(resource: number): boolean {
    return this.of(resource) !== unused;
  }

  protected begin(): void {
    this.#round++;
    this.#usedCount = 0;
    this.linkCount = 0;
  }

  /** The row of a resource that is used, to be added to; `firstSeconds` where nothing has been. */
  protected used(resource: number, firstSeconds: number): ResourceUse {
    const row = this.#rows[resource] ?? emptyRow();
    if (row.round === this.#round) return row;
    row.round = this.#round;
    row.busySeconds = 0;
    row.othersSeconds = 0;
    row.pacedSeconds = 0;
    row.firstSeconds = firstSeconds;
    row.lastSeconds = 0;
    row.bytes = 0;
    this.#used[this.#usedCount++] = resource;
    if (resource >= this.#firstLink && resource < this.#rows.length - 1)
      this.#listLink(resource - this.#firstLink);
    return row;
  }

  protected mostPacedSeconds(): number {
    let most = 0;
    for (let at = 0; at < this.#usedCount; at++)
      most = Math.max(most, this.of(this.#used[at] ?? 0).pacedSeconds);
    return most;
  }

  /** In its place among those listed. */
  #listLink(link: number): void {
    const { links } = this;
    let at = this.linkCount++;
    for (; at > 0 && (links[at - 1] ?? 0) > link; at--) links[at] = links[at - 1] ?? 0;
    links[at] = link;
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

const emptyRow = (): Row => ({
  busySeconds: 0,
  othersSeconds: 0,
  pacedSeconds: 0,
  firstSeconds: Number.POSITIVE_INFINITY,
  lastSeconds: 0,
  bytes: 0,
  round: -1,
});

const unused: Readonly<ResourceUse> = emptyRow();
