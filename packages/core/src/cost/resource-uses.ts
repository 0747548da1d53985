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
    const { devices, transfer } = index;
    const resources = resourceCount(index);
    this.#reset(resources);
    for (let task = 0; task < tasks.count; task++) this.#add(tasks, task);
    this.periodSeconds = 0;
    for (let resource = 0; resource < resources; resource++)
      this.periodSeconds = Math.max(this.periodSeconds, this.paced[resource] ?? 0);
    this.#listLinks(devices.size, transfer.links.length);
  }

  /** Whether any work is done there. */
  isUsed(resource: number): boolean {
    return (this.last[resource] ?? -1) >= 0;
  }

  #reset(resources: number): void {
    for (let resource = 0; resource < resources; resource++) {
      this.busy[resource] = 0;
      this.paced[resource] = 0;
      this.first[resource] = Number.POSITIVE_INFINITY;
      this.last[resource] = -1;
    }
    this.latencySeconds = 0;
  }

  #add(tasks: ListScheduler, task: number): void {
    const resource = tasks.resource[task] ?? 0;
    this.busy[resource] = (this.busy[resource] ?? 0) + (tasks.occupied[task] ?? 0);
    this.paced[resource] = (this.paced[resource] ?? 0) + (tasks.listed[task] ?? 0);
    this.first[resource] = Math.min(this.first[resource] ?? 0, tasks.start[task] ?? 0);
    this.last[resource] = Math.max(this.last[resource] ?? 0, tasks.end[task] ?? 0);
    this.latencySeconds = Math.max(this.latencySeconds, tasks.there[task] ?? 0);
  }

  #listLinks(firstLink: number, count: number): void {
    this.linkCount = 0;
    for (let link = 0; link < count; link++)
      if (this.isUsed(firstLink + link)) this.links[this.linkCount++] = link;
  }
}
