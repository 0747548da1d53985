import type { Report } from '../../cost/report.ts';
import type { DevicePair } from '../two-stage-costs.ts';

/** 'sum': max(Te, Tt, Tc) + Bc + Bt. 'in-turn': first the maximum, then Bc + Bt, then latency. Both: then bytes. */
export type CoachForm = 'sum' | 'in-turn';

/** What a partition is scored by, in seconds and bytes: Te, Tt, Tc, Tt^p and Tc^p of the paper. */
export interface CoachTimes {
  readonly first: number;
  readonly transfer: number;
  readonly second: number;
  readonly parallelTransfer: number;
  readonly parallelSecond: number;
  readonly latency: number;
  readonly bytes: number;
}

/** Compared in turn, less is better. Equation (5) gives the bubbles; of the objective (6) the text is lost. */
export function coachScore(form: CoachForm, times: CoachTimes): readonly number[] {
  const { first, transfer, second, parallelTransfer, parallelSecond, latency, bytes } = times;
  if (transfer === Number.POSITIVE_INFINITY) return [transfer];
  const longest = Math.max(first, transfer, second);
  const computeBubble = Math.abs(first - second);
  const transferBubble = Math.abs(
    transfer - Math.max(first, transfer - parallelTransfer, second - parallelSecond),
  );
  const bubbles = computeBubble + transferBubble;
  return form === 'sum' ? [longest + bubbles, latency, bytes] : [longest, bubbles, latency, bytes];
}

/** Below 0 where the left one is better. */
export function compareScores(left: readonly number[], right: readonly number[]): number {
  for (const [index, value] of left.entries()) {
    const other = right[index] ?? 0;
    if (value !== other) return value < other ? -1 : 1;
  }
  return 0;
}

/** Constraint (4): Tt^p + Tc^p <= max(Te, Tt, Tc), up to rounding. */
export function keepsOverlap({
  first,
  transfer,
  second,
  parallelTransfer,
  parallelSecond,
}: CoachTimes): boolean {
  return parallelTransfer + parallelSecond <= Math.max(first, transfer, second) * (1 + 1e-12);
}

/** The times that `evaluate` reports; those of a device or link that does nothing are 0. */
export function reportedTimes(report: Report, { first, second }: DevicePair): CoachTimes {
  const busy = (id: string): number => report.devices.find(({ device }) => device === id)?.busySeconds ?? 0;
  const link = report.links.find(({ from, to }) => from === first && to === second);
  return {
    first: busy(first),
    transfer: link?.busySeconds ?? 0,
    second: busy(second),
    parallelTransfer: report.overlap?.parallelTransferSeconds ?? 0,
    parallelSecond: report.overlap?.parallelSecondSeconds ?? 0,
    latency: report.latencySeconds,
    bytes: report.bytesSent,
  };
}
