import { occupiedFrom, occupiedSeconds } from './cost-tables.ts';
import type { Outcome, Reach } from './outcomes.ts';
import { linkResource, type ProblemIndex } from './problem-index.ts';
import type { RequestSchedule } from './request-schedule.ts';
import { ResourceUses } from './resource-uses.ts';

/**
 * How requests use the devices and links of a plan with policies, in expectation over what happens to a request: where it leaves, and
 * with how many bits it crosses. `busy`, the latency and the bytes are means, and a resource's pace counts only the requests that come by
 * it. `last − first` is the mean span of a resource.
 */
export class ExpectedUses extends ResourceUses {
  /** Of the request that takes longest, as long as the plan is followed. */
  worstLatencySeconds = 0;
  /** By outcome: mean seconds from the request's arrival until its answer is at the sink. */
  readonly outcomeSeconds: number[] = [];
  readonly #first: number[] = [];
  readonly #last: number[] = [];

  start(outcomes: number): void {
    this.begin();
    for (let outcome = 0; outcome < outcomes; outcome++) this.outcomeSeconds[outcome] = 0;
    this.worstLatencySeconds = 0;
  }

  /** Adds what `schedule` says of requests that run by it, `weight` of all. */
  addRequests(
    index: ProblemIndex,
    schedule: RequestSchedule,
    reach: Reach,
    outcomes: readonly Outcome[],
    weight: number,
  ): void {
    for (const [at, outcome] of outcomes.entries()) {
      this.#begin(index);
      let endSeconds = 0;
      const share = outcome.share * weight;
      for (let task = 0; task < schedule.tasks.count; task++) {
        if ((reach.neededBy[task] ?? 0) > outcome.lastStage) continue;
        endSeconds = Math.max(endSeconds, schedule.tasks.at(task).thereSeconds);
        this.#addTask(schedule, task, share);
      }
      if (outcome.answer !== null) endSeconds = this.#addAnswer(index, schedule, outcome, share);
      this.#endOutcome(at, endSeconds, share, weight);
    }
  }

  #begin({ devices, transfer }: ProblemIndex): void {
    for (let resource = 0; resource <= devices.size + transfer.links.length; resource++) {
      this.#first[resource] = Number.POSITIVE_INFINITY;
      this.#last[resource] = -1;
    }
  }

  #addTask({ tasks }: RequestSchedule, task: number, share: number): void {
    const {
      resource,
      occupiedSeconds: occupied,
      listedSeconds,
      startSeconds,
      endSeconds,
      bytes,
    } = tasks.at(task);
    this.#use(resource, startSeconds, endSeconds);
    this.#count(resource, share, occupied, listedSeconds, bytes);
  }

  /** When the answer of an exit is at the sink; it leaves when the exit's stage has ended, and nothing else of the request is under way. */
  #addAnswer(
    index: ProblemIndex,
    { tasks }: RequestSchedule,
    { lastStage, answer }: Outcome,
    share: number,
  ): number {
    const { endSeconds: start } = tasks.at(lastStage);
    if (answer === null || answer.device === index.sink) return start;
    const resource = linkResource(index, answer.device, index.sink);
    const link = resource - index.devices.size;
    const row = index.transfer.links[link];
    const listed = row === undefined ? Number.POSITIVE_INFINITY : occupiedSeconds(row, answer.bytes);
    const traced = row === undefined ? null : occupiedFrom(row, answer.bytes);
    const isReached = start < Number.POSITIVE_INFINITY;
    const occupied = traced === null || !isReached ? listed : traced(start);
    this.#use(resource, start, start + occupied);
    this.#count(resource, share, occupied, listed, answer.bytes);
    return start + occupied + (row?.delaySeconds ?? 0);
  }

  #use(resource: number, start: number, end: number): void {
    this.#first[resource] = Math.min(this.#first[resource] ?? 0, start);
    this.#last[resource] = Math.max(this.#last[resource] ?? 0, end);
  }

  #count(resource: number, share: number, occupied: number, listed: number, size: number): void {
    const use = this.used(resource, 0);
    use.busySeconds += part(share, occupied);
    this.pace(use, part(share, listed));
    use.bytes += part(share, size);
    this.bytesSent += share * size;
  }

  #endOutcome(at: number, endSeconds: number, share: number, weight: number): void {
    this.worstLatencySeconds = Math.max(this.worstLatencySeconds, endSeconds);
    this.#addTo(this.outcomeSeconds, at, weight, endSeconds);
    if (share > 0) this.latencySeconds += share * endSeconds;
    for (const [resource, last] of this.#last.entries()) {
      if (last < 0) continue;
      const use = this.used(resource, 0);
      use.firstSeconds += part(share, this.#first[resource] ?? 0);
      use.lastSeconds += part(share, last);
    }
  }

  #addTo(sums: number[], at: number, share: number, value: number): void {
    sums[at] = (sums[at] ?? 0) + part(share, value);
  }
}

/** A share of nobody adds nothing, of what never ends either. */
const part = (share: number, value: number): number => (share > 0 ? share * value : 0);
