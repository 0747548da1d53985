import type { Trace } from '@tandem/core';

/** A piece of time that a device computed or a link carried a tensor. */
export interface Span {
  /** The device, or 'from → to'. */
  readonly row: string;
  readonly kind: 'computes' | 'sends';
  /** Of the first request of a batch. */
  readonly request: number;
  /** The stage's number, or the tensor's name. */
  readonly what: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** When devices and the links between them were busy, in the order of their ends; what did not end is left out. */
export function traceSpans({ events }: Trace): readonly Span[] {
  const started = new Map<string, number>();
  const spans: Span[] = [];
  const begin = (span: Omit<Span, 'startSeconds' | 'endSeconds'>, at: number): void => {
    started.set(JSON.stringify(span), at);
  };
  const end = (span: Omit<Span, 'startSeconds' | 'endSeconds'>, at: number): void => {
    const startSeconds = started.get(JSON.stringify(span));
    if (startSeconds !== undefined) spans.push({ ...span, startSeconds, endSeconds: at });
  };
  for (const event of events) {
    if (event.kind === 'stage-start' || event.kind === 'stage-end') {
      const { device: row, requests, stage, atSeconds } = event;
      const span = { row, kind: 'computes', request: requests[0] ?? 0, what: String(stage) } as const;
      (event.kind === 'stage-start' ? begin : end)(span, atSeconds);
    }
    if (event.kind === 'transfer-start' || event.kind === 'transfer-end') {
      const { from, to, request, tensor, atSeconds } = event;
      if (from === null || to === null) continue;
      const span = { row: `${from} → ${to}`, kind: 'sends', request, what: tensor } as const;
      (event.kind === 'transfer-start' ? begin : end)(span, atSeconds);
    }
  }
  return spans;
}

/** How long spans of both lists go on at the same time; those of one list must not overlap each other. */
export function sharedSeconds(left: readonly Span[], right: readonly Span[]): number {
  let shared = 0;
  for (const one of left) {
    for (const other of right) {
      const from = Math.max(one.startSeconds, other.startSeconds);
      shared += Math.max(0, Math.min(one.endSeconds, other.endSeconds) - from);
    }
  }
  return shared;
}
