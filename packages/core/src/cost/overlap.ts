import { type Seconds, seconds } from '../units.ts';
import type { ListScheduler } from './list-schedule.ts';
import type { PlacedStage } from './placed-stage.ts';
import { linkResource, type ProblemIndex } from './problem-index.ts';
import type { RequestSchedule } from './request-schedule.ts';
import type { ResourceUse, ResourceUses } from './resource-uses.ts';

/**
 * How compute and transfer of one request run beside each other when its stages are on two devices (COACH, equations 4 and 5). The
 * first is the device of the first stage; the link is the one from it to the second.
 */
export interface Overlap {
  /** Te, Tt and Tc: how long the first device, the link and the second device are busy. */
  readonly firstSeconds: Seconds;
  readonly transferSeconds: Seconds;
  readonly secondSeconds: Seconds;
  /** Tt^p: of the link's time, while the first device is busy. */
  readonly parallelTransferSeconds: Seconds;
  /** Tc^p: of the second device's time, while the link or the first device is busy. */
  readonly parallelSecondSeconds: Seconds;
  /** Bc = |Te − Tc| */
  readonly computeBubbleSeconds: Seconds;
  /** Bt = |Tt − max(Te, Tt − Tt^p, Tc − Tc^p)| */
  readonly transferBubbleSeconds: Seconds;
}

/** Measures the overlap of schedules, in lists that it keeps. */
export class OverlapMeter {
  readonly #index: ProblemIndex;
  readonly #head = new Spans();
  readonly #sent = new Spans();
  readonly #tail = new Spans();
  readonly #both = new Spans();
  readonly #shared = new Spans();

  constructor(index: ProblemIndex) {
    this.#index = index;
  }

  of({ tasks }: RequestSchedule, stages: readonly PlacedStage[], uses: ResourceUses): Overlap | null {
    const first = stages[0]?.device ?? -1;
    const second = otherDevice(stages, first);
    if (second < 0) return null;
    const link = linkResource(this.#index, first, second);
    const head = uses.of(first);
    const sent = uses.of(link);
    const tail = uses.of(second);
    const te = head.busySeconds;
    const tt = sent.busySeconds;
    const tc = tail.busySeconds;
    let ttp = 0;
    let tcp = 0;
    if (!isOneAfterTheOther(head, uses.isUsed(link) ? sent : null, tail)) {
      this.#head.setBusy(tasks, first);
      this.#sent.setBusy(tasks, link);
      this.#tail.setBusy(tasks, second);
      ttp = this.#both.intersect(this.#head, this.#sent);
      const twice =
        this.#shared.intersect(this.#tail, this.#sent) + this.#shared.intersect(this.#tail, this.#head);
      tcp = Math.max(0, twice - this.#shared.intersect(this.#tail, this.#both));
    }
    return {
      firstSeconds: seconds(te),
      transferSeconds: seconds(tt),
      secondSeconds: seconds(tc),
      parallelTransferSeconds: seconds(ttp),
      parallelSecondSeconds: seconds(tcp),
      computeBubbleSeconds: seconds(distance(te, tc)),
      transferBubbleSeconds: seconds(distance(tt, Math.max(te, tt - ttp, tc - tcp))),
    };
  }
}

type Use = Readonly<ResourceUse>;

/** Whether the first device has ended when the link starts, and the link when the second device starts: nothing overlaps. */
function isOneAfterTheOther(head: Use, sent: Use | null, tail: Use): boolean {
  const headEnds = head.lastSeconds;
  const tailStarts = tail.firstSeconds;
  const sentFrom = sent === null ? tailStarts : sent.firstSeconds;
  const sentUntil = sent === null ? headEnds : sent.lastSeconds;
  return headEnds <= sentFrom && sentUntil <= tailStarts && headEnds <= tailStarts;
}

/** The one device beside `first` that stages run on; -1 where there are none or more, or requests run together. */
function otherDevice(stages: readonly PlacedStage[], first: number): number {
  let second = -1;
  for (let at = 0; at < stages.length; at++) {
    const { device = first, together = null } = stages[at] ?? {};
    if (together !== null) return -1;
    if (device === first || device === second) continue;
    if (second >= 0) return -1;
    second = device;
  }
  return second;
}

/** The times in which something is busy, ascending and apart. */
class Spans {
  readonly #start: number[] = [];
  readonly #end: number[] = [];
  #count = 0;

  /** Of the tasks on `resource` that start at all. */
  setBusy(tasks: ListScheduler, resource: number): void {
    this.#count = 0;
    for (let place = 0; place < tasks.count; place++) {
      const task = tasks.at(tasks.taskAt(place));
      if (task.resource === resource) this.#add(task.startSeconds, task.endSeconds);
    }
  }

  /** Of what both have; returns how long that is. */
  intersect(left: Spans, right: Spans): number {
    this.#count = 0;
    let length = 0;
    for (let at = 0, other = 0; at < left.#count && other < right.#count; ) {
      const leftEnd = left.#end[at] ?? 0;
      const rightEnd = right.#end[other] ?? 0;
      const start = Math.max(left.#start[at] ?? 0, right.#start[other] ?? 0);
      const end = Math.min(leftEnd, rightEnd);
      if (start < end) length += this.#add(start, end);
      if (leftEnd <= rightEnd) at++;
      else other++;
    }
    return length;
  }

  #add(start: number, end: number): number {
    if (start === Number.POSITIVE_INFINITY) return 0;
    this.#start[this.#count] = start;
    this.#end[this.#count] = end;
    this.#count++;
    return end - start;
  }
}

/** Of two times that may both be infinite. */
function distance(left: number, right: number): number {
  return left === right ? 0 : Math.abs(left - right);
}
