import type { ListScheduler } from './list-schedule.ts';
import { type ProblemIndex, resourceCount } from './problem-index.ts';

/** How one request uses the devices and links, by resource (`linkResource`); overwritten by the next `count`. */
export class ResourceUses {
  /** In this request, of which trace links make what they were at that moment. */
  readonly busy: number[] = [];
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

  count(index: ProblemIndex, tasks: ListScheduler): void {
    const resources = resourceCount(index);
    this.#reset(resources);
    this.#add(tasks);
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
    const { busy, paced, first, last } = this;
    for (let resource = 0; resource < resources; resource++) {
      busy[resource] = 0;
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

  #listLinks(firstLink: number, count: number): void {
    this.linkCount = 0;
    for (let link = 0; link < count; link++)
      if (this.isUsed(firstLink + link)) this.links[this.linkCount++] = link;
  }
}
