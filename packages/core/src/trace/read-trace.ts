import { InvalidInputError } from '../errors.ts';
import type { Trace, TraceEvent, TraceHeader } from './trace.ts';
import { type TraceFieldKind, traceFields } from './trace-fields.ts';
import { isTraceHeader } from './trace-header.ts';

/** The most events that are read: about a gigabyte of text. */
const mostEvents = 10_000_000;
const longestName = 1024;
const longestText = 100_000;

/**
 * A trace from its lines (JSON Lines, header first; empty lines are skipped). Throws InvalidInputError naming the line that is no
 * header, no event, or earlier than the line before it.
 */
export function readTrace(lines: Iterable<string>): Trace {
  let header: TraceHeader | null = null;
  const events: TraceEvent[] = [];
  let number = 0;
  for (const line of lines) {
    number++;
    if (line.trim() === '') continue;
    const value = parsed(line, number);
    if (header === null) header = headerOf(value, number);
    else events.push(eventOf(value, number, events.at(-1)?.atSeconds ?? Number.NEGATIVE_INFINITY));
    if (events.length > mostEvents) throw wrong(number, `more than ${mostEvents} events`);
  }
  if (header === null) throw wrong(number, 'no header');
  return Object.freeze({ header, events: Object.freeze(events) });
}

function parsed(line: string, number: number): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    throw wrong(number, 'text that is not JSON');
  }
}

function headerOf(value: unknown, number: number): TraceHeader {
  if (isTraceHeader(value)) return Object.freeze(value);
  throw wrong(number, 'no header of a trace of format 1');
}

function eventOf(value: unknown, number: number, earliest: number): TraceEvent {
  const fault = eventFault(value, earliest);
  if (fault !== null) throw wrong(number, fault);
  return Object.freeze(value as TraceEvent);
}

/** What is wrong with an event, or null. */
function eventFault(value: unknown, earliest: number): string | null {
  if (typeof value !== 'object' || value === null) return 'no object';
  const record = value as Readonly<Record<string, unknown>>;
  const { kind, atSeconds } = record;
  if (typeof kind !== 'string' || !Object.hasOwn(traceFields, kind)) return 'an event of an unknown kind';
  if (typeof atSeconds !== 'number') return `the event '${kind}' without a time`;
  if (atSeconds < earliest) return `the event '${kind}' at ${atSeconds} s after one at ${earliest} s`;
  const fields = Object.entries<TraceFieldKind>(traceFields[kind as TraceEvent['kind']]);
  const bad = fields.find(([name, field]) => !holds(field, record[name]));
  return bad === undefined ? null : `the event '${kind}' whose ${bad[0]} is no ${bad[1]}`;
}

function holds(kind: TraceFieldKind, value: unknown): boolean {
  switch (kind) {
    case 'count':
      return Number.isSafeInteger(value) && (value as number) >= 0;
    case 'counts':
      return Array.isArray(value) && value.length <= longestName && value.every((one) => holds('count', one));
    case 'quantity':
      return typeof value === 'number' && value >= 0;
    case 'reading':
      return value === null || (typeof value === 'number' && Number.isFinite(value));
    case 'flag':
      return value === null || typeof value === 'boolean';
    case 'name':
      return typeof value === 'string' && value.length <= longestName;
    case 'party':
      return value === null || holds('name', value);
    case 'text':
      return typeof value === 'string' && value.length <= longestText;
  }
}

function wrong(line: number, got: string): InvalidInputError {
  return new InvalidInputError(
    `line ${line} of the trace has ${got}, expected a header and then events by time, each as one line of JSON`,
    'Read a trace that Tandem wrote, whole and unchanged.',
  );
}
