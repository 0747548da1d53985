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

  constructor(index: ProblemIndex) {
    const firstLink = index.deviceIds.length;
    this.#rows = Array.from({ length: resourceCount(index) }, (_, resource) =>
      emptyRow(resource < firstLink || resource === nowhere(index) ? -1 : resource - firstLink),
    );
  }

  /** `begin`, then `add` of each task; `stages` are the first of the tasks. @default none runs requests together */
  count(tasks: ListScheduler, stages: readonly PlacedStage[] = []): void {
    this.begin();
    for (let at = 0; at < tasks.count; at++) {
      const stage = stages[at];
      this.add(tasks.at(at), stage === undefined ? 1 : shareOfRequest(stage));
    }
  }

  begin(): void {
    this.#round++;
    this.linkCount = 0;
    this.latencySeconds = 0;
    this.periodSeconds = 0;
    this.bytesSent = 0;
  }

  /** Of a batch, only a `share` of the task is for this request. */
  add(task: Readonly<PlacedTask>, share: number): void {
    const { startSeconds, endSeconds, occupiedSeconds, bytes } = task;
    const use = this.used(task.resource, startSeconds);
    use.busySeconds += occupiedSeconds * share;
    if (share < 1) use.othersSeconds += occupiedSeconds * (1 - share);
    this.pace(use, task.listedSeconds * share);
    if (startSeconds < use.firstSeconds) use.firstSeconds = startSeconds;
    if (endSeconds > use.lastSeconds) use.lastSeconds = endSeconds;
    use.bytes += bytes;
    this.bytesSent += bytes;
    this.latencySeconds = Math.max(this.latencySeconds, task.thereSeconds);
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
    if (row.link >= 0) this.#listLink(row);
    return row;
  }

  /** Each request takes so much longer of what is used: none leaves at a faster pace than that of the busiest. */
  protected pace(use: ResourceUse, seconds: number): void {
    use.pacedSeconds += seconds;
    this.periodSeconds = Math.max(this.periodSeconds, use.pacedSeconds);
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
