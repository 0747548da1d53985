import { type Seconds, seconds } from '../units.ts';
import type { PlacedStage } from './placed-stage.ts';
import { linkResource, type ProblemIndex } from './problem-index.ts';
import type { RequestSchedule } from './request-schedule.ts';
import type { ResourceUses } from './resource-uses.ts';

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

/** Starts and ends in turn, ascending: the times in which a resource is busy. */
type Spans = readonly number[];

export function overlapOf(
  index: ProblemIndex,
  schedule: RequestSchedule,
  stages: readonly PlacedStage[],
  { busy }: ResourceUses,
): Overlap | null {
  const first = stages[0]?.device ?? -1;
  const second = otherDevice(stages, first);
  if (second === null) return null;
  const link = linkResource(index, first, second);
  const head = spansOf(schedule, first);
  const sent = spansOf(schedule, link);
  const tail = spansOf(schedule, second);
  const both = intersection(head, sent);
  const parallelTransfer = lengthOf(both);
  const parallelTail = lengthOf(intersection(tail, sent)) + lengthOf(intersection(tail, head));
  const parallelSecond = Math.max(0, parallelTail - lengthOf(intersection(tail, both)));
  const te = busy[first] ?? 0;
  const tt = busy[link] ?? 0;
  const tc = busy[second] ?? 0;
  return {
    firstSeconds: seconds(te),
    transferSeconds: seconds(tt),
    secondSeconds: seconds(tc),
    parallelTransferSeconds: seconds(parallelTransfer),
    parallelSecondSeconds: seconds(parallelSecond),
    computeBubbleSeconds: seconds(distance(te, tc)),
    transferBubbleSeconds: seconds(distance(tt, Math.max(te, tt - parallelTransfer, tc - parallelSecond))),
  };
}

/** The one device beside `first` that stages run on; null where there are none or more. */
function otherDevice(stages: readonly PlacedStage[], first: number): number | null {
  let second: number | null = null;
  for (const { device } of stages) {
    if (device === first || device === second) continue;
    if (second !== null) return null;
    second = device;
  }
  return second;
}

/** Spans of what starts at all. */
function spansOf({ tasks }: RequestSchedule, resource: number): Spans {
  const spans: number[] = [];
  for (let place = 0; place < tasks.count; place++) {
    const task = tasks.order[place] ?? 0;
    const start = tasks.start[task] ?? 0;
    if (tasks.resource[task] !== resource || start === Number.POSITIVE_INFINITY) continue;
    spans.push(start, tasks.end[task] ?? 0);
  }
  return spans;
}

function intersection(left: Spans, right: Spans): Spans {
  const spans: number[] = [];
  let at = 0;
  let other = 0;
  while (at < left.length && other < right.length) {
    const leftEnd = left[at + 1] ?? 0;
    const rightEnd = right[other + 1] ?? 0;
    const start = Math.max(left[at] ?? 0, right[other] ?? 0);
    const end = Math.min(leftEnd, rightEnd);
    if (start < end) spans.push(start, end);
    if (leftEnd <= rightEnd) at += 2;
    else other += 2;
  }
  return spans;
}

function lengthOf(spans: Spans): number {
  let sum = 0;
  for (let at = 0; at < spans.length; at += 2) sum += (spans[at + 1] ?? 0) - (spans[at] ?? 0);
  return sum;
}

/** Of two times that may both be infinite. */
function distance(left: number, right: number): number {
  return left === right ? 0 : Math.abs(left - right);
}
