import { ExecutionError } from '@tandem/core';
import type { TensorValue } from './executor.ts';

/** Every name once, nothing else; throws ExecutionError naming the segment. */
export function requireInputs(
  expected: readonly string[],
  given: readonly TensorValue[],
  segmentName: string,
): void {
  const names = given.map(({ name }) => name);
  if (names.length === expected.length && expected.every((name) => names.includes(name))) return;
  throw new ExecutionError(
    `${segmentName} was given the inputs [${names.join(', ')}], expected [${expected.join(', ')}]`,
    'Hand over each of its inputs once.',
  );
}

/** Loading into, or running on, something that was closed. */
export function closedExecutor(name: string): ExecutionError {
  return new ExecutionError(
    `the ${name} executor, or the segment in it, is closed`,
    'Load the segment into an open executor.',
  );
}
