import { setTimeout as sleep } from 'node:timers/promises';
import { type Seconds, scheduleDefaults, type Trace, traceOf } from '@tandem/core';
import { systemClock } from '@tandem/node';
import type { Answer, Gateway, StreamItem, TensorValue } from '@tandem/runtime';
import type { RunFlags } from '../flags.ts';
import { slowLines } from '../slow-lines.ts';
import { type FrameFigures, FrameMeter } from './frame-figures.ts';
import { topOf } from './frame-stream.ts';
import type { RunJournal } from './run-journal.ts';

export type DecidedFigures = Pick<FrameFigures, 'exits' | 'exitShare' | 'bits' | 'bytesSent'>;

/** Many requests at once, of `tandem run --requests`. */
export interface StreamWanted {
  readonly requests: number;
  /** When each comes, from the start of the stream, ascending; null = the next comes when there is room for it. */
  readonly atSeconds: readonly number[] | null;
  /** In flight at once. */
  readonly window: number;
  /** At the gateway, at most. */
  readonly waiting: number;
  readonly ordered: boolean;
}

/** Null = one request, which is no stream. */
export function streamWanted({
  requests,
  rate,
  window,
  unordered,
}: Pick<RunFlags, 'requests' | 'rate' | 'window' | 'unordered'>): StreamWanted | null {
  if (requests === 1) return null;
  return {
    requests,
    atSeconds: rate === undefined ? null : Array.from({ length: requests }, (_, index) => index / rate),
    window: window ?? scheduleDefaults.window,
    waiting: Math.max(scheduleDefaults.waiting, requests),
    ordered: unordered !== true,
  };
}

export interface StreamRun {
  readonly wanted: StreamWanted;
  /** The ways of the requests in turn (`planWays`). */
  readonly pattern: readonly number[];
  readonly inputs: readonly TensorValue[];
  /** Of these inputs, alone, by the pattern's last way. */
  readonly answer: Answer;
  /** Whether requests may leave early or cross with other bits. */
  readonly isDecided: boolean;
  /** Whether an answer counts as the first that came by the same way. */
  readonly isSame: (answer: Answer, first: Answer) => boolean;
  readonly timeoutSeconds: Seconds;
  /** StreamItem.version */
  readonly version?: number;
  /** What earlier runs of these requests left. @default nothing is written down */
  readonly journal?: RunJournal;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** A stream's counts, and what happened to these requests alone. */
export interface StreamFigures {
  readonly counts: StreamCounts;
  readonly trace: Trace;
}

export interface StreamCounts {
  /** Before the first request. */
  readonly startSeconds: Seconds;
  readonly answered: number;
  readonly failed: number;
  /** Answers that are not the same as the first that came by the same way, of which `answer` is one (`StreamRun.isSame`). */
  readonly differing: number;
  /** By way, the first answer that came by it. */
  readonly firstAnswers: readonly Answer[];
  /** Of the first request that failed. */
  readonly firstError: string | null;
  /** What was decided; null where nothing is. */
  readonly decided: DecidedFigures | null;
  /** With a journal. */
  readonly journal?: JournalCounts;
}

/** How many of the requests earlier runs have ended, and how many they had accepted that were sent again. */
export interface JournalCounts {
  readonly ended: number;
  readonly again: number;
}

/** Sends the same inputs as many requests and follows what comes of them. */
export async function runStream(gateway: Gateway, run: StreamRun): Promise<StreamCounts> {
  const { wanted, journal, signal } = run;
  const requests = journal?.left ?? wanted.requests;
  const startSeconds = systemClock.now();
  // What comes at its own pace waits at the gateway, not here.
  const window = wanted.atSeconds === null ? wanted.window : wanted.requests;
  const options = { window, ordered: wanted.ordered, signal };
  const source = items(run, requests);
  const results =
    journal === undefined ? gateway.stream(source, options) : journal.stream(gateway, source, options);
  const { firstError: formerError, ...counts } = endedBefore(run);
  const firsts = new Map([[run.pattern.at(-1) ?? 0, run.answer]]);
  const meter = new FrameMeter();
  let firstError = formerError;
  const progress = slowLines(run.progress);
  for await (const { index, answer, error } of results) {
    if (answer === null) {
      counts.failed++;
      firstError ??= error.message;
    } else {
      counts.answered++;
      const way = run.pattern[index % run.pattern.length] ?? 0;
      const first = firsts.get(way) ?? answer;
      firsts.set(way, first);
      if (!run.isSame(answer, first)) counts.differing++;
      if (run.isDecided) meter.answer(index, topOf(answer.outputs), answer);
    }
    progress(`${counts.answered + counts.failed} of ${wanted.requests} requests`);
  }
  return {
    startSeconds,
    ...counts,
    firstAnswers: [...firsts.values()],
    firstError,
    decided: run.isDecided ? meter.finish(0, null) : null,
    ...(journal === undefined ? {} : { journal: { ended: journal.ended.length, again: journal.again } }),
  };
}

/** Earlier runs did not write down which way a request ran, or whether it was cut elsewhere: their answers may be rounded otherwise. */
function endedBefore({
  journal,
  answer,
  isSame,
}: StreamRun): Pick<StreamCounts, 'answered' | 'failed' | 'differing' | 'firstError'> {
  const ended = journal?.ended ?? [];
  const answers = ended.flatMap(({ outputs }) =>
    outputs === null ? [] : [{ ...answer, outputs, recut: true }],
  );
  const errors = ended.flatMap(({ error }) => error ?? []);
  return {
    answered: answers.length,
    failed: errors.length,
    differing: answers.filter((one) => !isSame(one, answer)).length,
    firstError: errors[0]?.message ?? null,
  };
}

/** What has happened from the first request of any stream on; null = there was no stream. The gateway's deployments have to be traced. */
export async function streamTrace(
  gateway: Gateway,
  streams: readonly (StreamCounts | null)[],
  signal: AbortSignal,
): Promise<Trace | null> {
  const starts = streams.flatMap((stream) => stream?.startSeconds ?? []);
  if (starts.length === 0) return null;
  const { header, events } = await gateway.trace(signal);
  const start = Math.min(...starts);
  return traceOf(
    header,
    events.filter(({ atSeconds }) => atSeconds >= start),
  );
}

/** Of the same label. */
export const sameTop = (left: Answer, right: Answer): boolean => topOf(left.outputs) === topOf(right.outputs);

async function* items(
  { wanted, inputs, timeoutSeconds, version, signal }: StreamRun,
  requests: number,
): AsyncGenerator<StreamItem> {
  const item = { inputs, timeoutSeconds, ...(version === undefined ? {} : { version }) };
  const start = systemClock.now();
  for (let index = 0; index < requests; index++) {
    const due = start + (wanted.atSeconds?.[index] ?? 0) - systemClock.now();
    if (due > 0) await sleep(1000 * due, undefined, { signal });
    yield item;
  }
}
