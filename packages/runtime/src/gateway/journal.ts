import type { ErrorRecord } from '@tandem/core';
import type { TensorValue } from '../execute/executor.ts';

/** How a request ended. */
export type JournalOutcome =
  | { readonly outputs: readonly TensorValue[]; readonly error: null }
  | { readonly outputs: null; readonly error: ErrorRecord };

/** A request that was accepted and whose outcome its client has not taken. */
export interface JournalEntry {
  /** The client's own name for it. */
  readonly key: string;
  /** None once there is an outcome. */
  readonly inputs: readonly TensorValue[];
  /** Null = it was being worked on. */
  readonly outcome: JournalOutcome | null;
}

/**
 * What a gateway writes down so that the next one can bring it to an end. Each promise resolves when what it is about would survive the
 * process; they reject with ResourceError when it cannot be written. Implementation: a file (node).
 */
export interface Journal {
  /** Of the entries that were open when the journal was opened, those that still are, in the order of acceptance. */
  readonly open: readonly JournalEntry[];
  /** Throws InvalidInputError for a key that is in use. */
  accepted(key: string, inputs: readonly TensorValue[]): Promise<void>;
  settled(key: string, outcome: JournalOutcome): Promise<void>;
  /** The client has the outcome: nothing of it is kept. */
  taken(key: string): Promise<void>;
  close(): Promise<void>;
}
