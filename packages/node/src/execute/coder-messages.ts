import type { RawReason } from '@tandem/core';
import type { CodedForm } from '@tandem/runtime';

/** What is asked of the thread that codes tensors; each request is answered once, in order. */
export interface CoderRequest {
  readonly kind: 'encode' | 'decode';
  readonly data: Uint8Array<ArrayBuffer>;
  /** Where the answer goes if it fits. */
  readonly into: Uint8Array<ArrayBuffer>;
  readonly form: CodedForm;
}

export interface CoderAnswer {
  readonly data: Uint8Array<ArrayBuffer>;
  /** Of an encoding; null else. */
  readonly rawBecause: RawReason;
  /** What the request brought along and is not in use any more. */
  readonly spent: readonly Uint8Array<ArrayBuffer>[];
}
