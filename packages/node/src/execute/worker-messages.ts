import type { ElementType, ErrorRecord, Seconds } from '@tandem/core';
import type { StoredSegment } from '@tandem/runtime';
import type { OrtSessionOptions } from './ort-session.ts';

// What goes between threads before and after every run are lists: read after a run, objects take half as long again, for the names of their fields.

/** What the executor asks of its worker thread; each request is answered once, in order. */
export type WorkerRequest =
  | readonly [kind: 'load', session: number, what: LoadedModel]
  /** `into`: for the outputs whose size is known, in their order (`OrtSession.outputBytes`). */
  | readonly [kind: 'run', session: number, inputs: readonly MovedTensor[], into: readonly ArrayBuffer[]]
  | readonly [kind: 'release', session: number];

export interface LoadedModel {
  readonly model: StoredSegment['model'];
  readonly options: OrtSessionOptions;
  /** The thread, and those that the session starts, run on these processors only; the same in every request. @default any */
  readonly cpus?: readonly number[];
}

export type WorkerAnswer =
  | readonly [kind: 'loaded', boundary: Boundary]
  /** `spent`: the memory of the inputs, for others to use. */
  | readonly [
      kind: 'ran',
      outputs: readonly MovedTensor[],
      computeSeconds: Seconds,
      busyMilliseconds: number,
      spent: readonly ArrayBuffer[],
    ]
  | readonly [kind: 'released'];

export interface Boundary {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly outputBytes: readonly number[];
}

/** A tensor whose memory changes threads with it: all of `buffer`. */
export type MovedTensor = readonly [
  name: string,
  type: ElementType,
  shape: readonly number[],
  buffer: ArrayBuffer,
];

/** `id` counts the requests. 'end': let everything go and end; not answered. */
export type NumberedRequest<Request> = readonly [id: number, request: Request | 'end'];

export type NumberedAnswer<Answer> =
  | readonly [id: number, kind: 'answer', answer: Answer]
  | readonly [id: number, kind: 'error', error: ErrorRecord];

/** What the thread is started with. */
export interface WorkerSetup {
  /** Of the ExitGuard. */
  readonly exitState: Int32Array<SharedArrayBuffer>;
}
