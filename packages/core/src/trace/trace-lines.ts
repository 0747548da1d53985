import type { Trace } from './trace.ts';

/** A trace as JSON Lines: the header, then an event a line, each with its newline. */
export function* traceLines({ header, events }: Trace): Generator<string, void, undefined> {
  yield `${JSON.stringify(header)}\n`;
  for (const event of events) yield `${JSON.stringify(event)}\n`;
}
