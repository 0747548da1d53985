/**
 * Base of every error that Tandem throws on purpose. `message` says what, which, got and expected; `remedy` says what to do.
 * Tell them apart by `name`, which survives the wire and duplicated packages.
 */
export class TandemError extends Error {
  static override readonly name: string = 'TandemError';
  readonly remedy: string;

  constructor(message: string, remedy: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.remedy = remedy;
  }

  toJSON(): ErrorRecord {
    return { name: this.name, message: this.message, remedy: this.remedy };
  }
}

/** What an error looks like in JSON and on the wire. */
export interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly remedy: string;
}

/** A file, option or value from the user cannot be used as it is: change it. */
export class InvalidInputError extends TandemError {
  static override readonly name = 'InvalidInputError';
}

/** The input is valid, but this version has no way to treat it: use the named alternative. */
export class UnsupportedError extends TandemError {
  static override readonly name = 'UnsupportedError';
}

/** A peer cannot be reached or was lost: check that it runs, then retry. */
export class ConnectionError extends TandemError {
  static override readonly name = 'ConnectionError';
}

/** Something took longer than its deadline: raise the deadline or find what stalls. */
export class DeadlineError extends TandemError {
  static override readonly name = 'DeadlineError';
}

/** A peer sent bytes that the protocol does not allow: upgrade it or do not trust it. */
export class ProtocolError extends TandemError {
  static override readonly name = 'ProtocolError';
}

/** A peer or a planner said no: a wrong token, another version, a digest that differs. */
export class RefusedError extends TandemError {
  static override readonly name = 'RefusedError';
}

/** Memory, disk or processes ran out: free some or choose another device. */
export class ResourceError extends TandemError {
  static override readonly name = 'ResourceError';
}

/** The model runtime failed while loading or executing a segment. */
export class ExecutionError extends TandemError {
  static override readonly name = 'ExecutionError';
}

/** The caller withdrew the work. */
export class CancelledError extends TandemError {
  static override readonly name = 'CancelledError';
}

const kinds = {
  InvalidInputError,
  UnsupportedError,
  ConnectionError,
  DeadlineError,
  ProtocolError,
  RefusedError,
  ResourceError,
  ExecutionError,
  CancelledError,
} as const;

/** Any thrown value as a record: a TandemError as it is, anything else as an unexpected failure with its message. */
export function errorRecord(error: unknown): ErrorRecord {
  if (error instanceof TandemError) return error.toJSON();
  const message = error instanceof Error ? error.message : String(error);
  return {
    name: 'TandemError',
    message,
    remedy: 'This is unexpected: report it with the command that caused it.',
  };
}

/** The error that a record from the wire stands for; an unknown name becomes a TandemError. */
export function errorFromRecord(record: ErrorRecord): TandemError {
  const kind = Object.hasOwn(kinds, record.name) ? kinds[record.name as keyof typeof kinds] : TandemError;
  return new kind(record.message, record.remedy);
}
