import type { ElementType, Seconds } from '@tandem/core';
import type { StoredSegment } from '../segment/segment.ts';

/** Runs segments on one device. `load` is called once a segment, `run` once a request and segment, `close` once at the end. */
export interface Executor {
  readonly name: string;
  /** Throws ExecutionError when the model runtime refuses the segment. */
  load(segment: StoredSegment, options: LoadOptions): Promise<LoadedSegment>;
  /** Releases everything that was loaded; idempotent. */
  close(): Promise<void>;
}

export interface LoadOptions {
  /** Threads of one operator. @default 1 */
  readonly threads?: number;
  /** Processors, by the system's numbers, to which the threads are held. Throws UnsupportedError where that cannot be. @default any */
  readonly cpus?: readonly number[];
  /** 'basic' keeps results bit-equal across cuts; 'all' is the speed setting. @default 'all' */
  readonly optimisation?: 'all' | 'basic';
  /** The paced executor holds each answer until this long after its start. */
  readonly paceSeconds?: Seconds;
  /** And for how long the answers of so many requests that run together. @default as those of one */
  readonly fullBatch?: { readonly requests: number; readonly paceSeconds: Seconds };
  readonly signal: AbortSignal;
}

export interface LoadedSegment {
  /** Names in the segment's own order. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /**
   * Executes once; a segment of a stage with a batch takes as many rows along the first dimension of its inputs. Takes ownership of the inputs' buffers (they may be detached); the caller owns the outputs' buffers.
   * Throws ExecutionError.
   */
  run(inputs: readonly TensorValue[], signal: AbortSignal): Promise<SegmentResult>;
  close(): Promise<void>;
}

export interface SegmentResult {
  readonly outputs: readonly TensorValue[];
  /** Time inside the model runtime alone, and the whole time that the device was busy with it (pacing included). */
  readonly computeSeconds: Seconds;
  readonly busySeconds: Seconds;
}

/** A named activation: `data` holds little-endian elements, row-major. */
export interface TensorValue {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: Uint8Array<ArrayBuffer>;
}
