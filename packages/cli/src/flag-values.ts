import { InvalidArgumentError } from 'commander';

/** What options take; InvalidArgumentError for anything else. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError(`expected a number above 0, got '${text}'`);
}

export function positiveInteger(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError(`expected a whole number above 0.`);
}

export function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('expected a number from 0 to 1.');
}

export function range(text: string): readonly [number, number] {
  const [, from, to] = /^(\d{1,9}):(\d{1,9})$/.exec(text) ?? [];
  if (from !== undefined && to !== undefined && Number(from) < Number(to)) return [Number(from), Number(to)];
  throw new InvalidArgumentError('expected FROM:TO, whole numbers, the first below the second.');
}

export function priority(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && Math.abs(value) <= 1000) return value;
  throw new InvalidArgumentError('expected a whole number from -1000 to 1000.');
}

export function repeatable(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

export function dimension(
  text: string,
  before: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const equals = text.lastIndexOf('=');
  if (equals < 1) throw new InvalidArgumentError('expected NAME=SIZE.');
  return { ...before, [text.slice(0, equals)]: positiveInteger(text.slice(equals + 1)) };
}
