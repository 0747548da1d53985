import type { TraceHeader } from './trace.ts';

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string' && value.length <= 10_000;
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isOne =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length <= 100_000 && value.every(check);
const record =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(fields).every(([name, check]) => check((value as Record<string, unknown>)[name]));

const isHeader = record({
  kind: isOne('trace'),
  format: isOne(1),
  origin: isOne('measured', 'simulated'),
  clock: isText,
  model: isText,
  devices: listOf(record({ device: isText })),
  links: listOf(record({ from: isText, to: isText })),
  plans: listOf(
    record({
      version: isCount,
      planner: isText,
      stages: listOf(record({ stage: isCount, devices: listOf(isText) })),
    }),
  ),
});

export function isTraceHeader(value: unknown): value is TraceHeader {
  return isHeader(value);
}
