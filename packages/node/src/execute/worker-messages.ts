import type { ErrorRecord } from '@tandem/core';
import type { StoredSegment, TensorValue } from '@tandem/runtime';
import type { OrtResult, OrtSessionOptions } from './ort-session.ts';

/** What the executor asks of its worker thread; each request but the last is answered once, in order. */
export type WorkerRequest =
  | {
      readonly kind: 'load';
      readonly session: number;
      readonly model: StoredSegment['model'];
      readonly options: OrtSessionOptions;
      /** The thread, and those that the session starts, run on these processors only; the same in every request. @default any */
      readonly cpus?: readonly number[];
    }
  | {
      readonly kind: 'run';
      readonly session: number;
      readonly inputs: readonly TensorValue[];
      /** For the outputs whose size is known, in their order: `OrtSession.outputBytes`. */
      readonly into: readonly Uint8Array<ArrayBuffer>[];
    }
  | { readonly kind: 'release'; readonly session: number }
  /** Let everything go and end; not answered. */
  | { readonly kind: 'end' };

export type WorkerAnswer =
  | {
      readonly kind: 'loaded';
      readonly inputs: readonly string[];
      readonly outputs: readonly string[];
      readonly outputBytes: readonly number[];
    }
  | (OrtResult & {
      readonly kind: 'ran';
      readonly busyMilliseconds: number;
      /** The memory of the inputs, for others to use. */
      readonly spent: readonly ArrayBuffer[];
    })
  | { readonly kind: 'released' };

/** `id` counts the requests. */
export interface NumberedRequest<Request> {
  readonly id: number;
  readonly request: Request;
}

export type NumberedAnswer<Answer> =
  | { readonly id: number; readonly answer: Answer }
  | { readonly id: number; readonly error: ErrorRecord };

/** What the thread is started with. */
export interface WorkerSetup {
  /** Of the ExitGuard. */
  readonly exitState: Int32Array<SharedArrayBuffer>;
}
