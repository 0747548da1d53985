import { TandemError } from '@tandem/core';

/** One thing that every implementation of an interface has to do: `run` throws ConformanceError when it does not. */
export interface ConformanceCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** What an implementation did was not what its interface promises. */
export class ConformanceError extends Error {
  override readonly name = 'ConformanceError';
}

export function requireThat(condition: boolean, promise: string): void {
  if (!condition) throw new ConformanceError(promise);
}

export function requireEqual(got: unknown, expected: unknown, what: string): void {
  const [left, right] = [JSON.stringify(got), JSON.stringify(expected)];
  if (left !== right) throw new ConformanceError(`${what}: got ${left}, expected ${right}`);
}

/** The error that `work` ends with, of one of these names. */
export async function requireRejection(work: Promise<unknown>, names: readonly string[]): Promise<unknown> {
  const outcome = await work.then(
    () => ({ error: null }),
    (error: unknown) => ({ error }),
  );
  const name = outcome.error instanceof TandemError ? outcome.error.name : String(outcome.error);
  requireThat(names.includes(name), `got ${name}, expected ${names.join(' or ')}`);
  return outcome.error;
}

/** A signal that nobody aborts. */
export function neverAborted(): AbortSignal {
  return new AbortController().signal;
}

/** Real time, for what has to be given a chance to happen. */
export function elapse(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds));
}

/** Bytes that differ at every place and between seeds. */
export function patternBytes(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index++) bytes[index] = (index * 31 + (index >> 8) + seed * 17) & 255;
  return bytes;
}

export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((value, index) => value === right[index]);
}
