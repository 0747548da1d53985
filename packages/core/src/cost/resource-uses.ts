import { shareOfRequest } from './batched-stage.ts';
import type { ListScheduler } from './list-schedule.ts';
import type { PlacedStage } from './placed-stage.ts';
import { type ProblemIndex, resourceCount } from './problem-index.ts';

/** How one request uses the devices and links, by resource (`linkResource`); overwritten by the next `count`. */
export class ResourceUses {
  /** In this request, of which trace links make what they were at that moment. Of a batch, the request's part. */
  readonly busy: number[] = [];
  /** While this request runs, for others of its batches. */
  readonly others: number[] = [];
  /** In each request of a stream: links at the rates of the transfer table. */
  readonly paced: number[] = [];
  /** First start and last end. */
  readonly first: number[] = [];
  readonly last: number[] = [];
  /** Positions in the transfer table of the links that carry something, ascending; the first `linkCount` hold. */
  readonly links: number[] = [];
  linkCount = 0;
  latencySeconds = 0;
  periodSeconds = 0;

  /** `stages` are the first of the tasks. @default none runs requests together */
  count(index: ProblemIndex, tasks: ListScheduler, stages: readonly PlacedStage[] = []): void {
    const resources = resourceCount(index);
    this.#reset(resources);
    this.#add(tasks);
    this.#share(tasks, stages);
    let period = 0;
    for (let resource = 0; resource < resources; resource++)
      period = Math.max(period, this.paced[resource] ?? 0);
    this.periodSeconds = period;
    this.#listLinks(index.devices.size, index.transfer.links.length);
  }

  /** Whether any work is done there. */
  isUsed(resource: number): boolean {
    return (this.last[resource] ?? -1) >= 0;
  }

  #reset(resources: number): void {
    const { busy, others, paced, first, last } = this;
    for (let resource = 0; resource < resources; resource++) {
      busy[resource] = 0;
      others[resource] = 0;
      paced[resource] = 0;
      first[resource] = Number.POSITIVE_INFINITY;
      last[resource] = -1;
    }
  }

  #add(tasks: ListScheduler): void {
    const { busy, paced, first, last } = this;
    let latency = 0;
    for (let task = 0; task < tasks.count; task++) {
      const resource = tasks.resource[task] ?? 0;
      const start = tasks.start[task] ?? 0;
      const end = tasks.end[task] ?? 0;
      busy[resource] = (busy[resource] ?? 0) + (tasks.occupied[task] ?? 0);
      paced[resource] = (paced[resource] ?? 0) + (tasks.listed[task] ?? 0);
      if (start < (first[resource] ?? 0)) first[resource] = start;
      if (end > (last[resource] ?? 0)) last[resource] = end;
      latency = Math.max(latency, tasks.there[task] ?? 0);
    }
    this.latencySeconds = latency;
  }

  /** Takes from what was counted what belongs to other requests of the same batches. */
  #share(tasks: ListScheduler, stages: readonly PlacedStage[]): void {
    const { busy, others, paced } = this;
    for (let stage = 0; stage < stages.length; stage++) {
      const placed = stages[stage];
      if (placed === undefined || placed.together === null) continue;
      const { device } = placed;
      const theirs = (tasks.occupied[stage] ?? 0) * (1 - shareOfRequest(placed));
      busy[device] = (busy[device] ?? 0) - theirs;
      paced[device] = (paced[device] ?? 0) - theirs;
      others[device] = (others[device] ?? 0) + theirs;
    }
  }

  #listLinks(firstLink: number, count: number): void {
    this.linkCount = 0;
    for (let link = 0; link < count; link++)
      if (this.isUsed(firstLink + link)) this.links[this.linkCount++] = link;
  }
}
