import type { Trace, TraceEvent, TraceEventKind, TraceParty } from './trace.ts';

/**
 * One event of the Trace Event Format (the JSON that chrome://tracing and ui.perfetto.dev open): 'X' = a span, 'i' = a moment,
 * 'M' = a name. Times in microseconds.
 */
export type PerfettoEvent =
  | (PerfettoPlace & {
      readonly ph: 'X';
      readonly name: string;
      readonly cat: string;
      readonly ts: number;
      readonly dur: number;
      readonly args: Readonly<Record<string, unknown>>;
    })
  | (PerfettoPlace & {
      readonly ph: 'i';
      readonly name: string;
      readonly cat: string;
      readonly ts: number;
      /** How much of the picture the moment crosses: its process. */
      readonly s: 'p';
      readonly args: Readonly<Record<string, unknown>>;
    })
  | (PerfettoPlace & {
      readonly ph: 'M';
      readonly name: 'process_name' | 'process_sort_index' | 'thread_name';
      readonly args: { readonly name: string } | { readonly sort_index: number };
    });

interface PerfettoPlace {
  readonly pid: number;
  readonly tid: number;
}

export interface PerfettoTrace {
  readonly traceEvents: readonly PerfettoEvent[];
  readonly displayTimeUnit: 'ms';
  readonly otherData: Readonly<Record<string, string>>;
}

/**
 * A trace for a viewer: a process for the gateway (a thread for each request in flight), for each device (its stages, its coding) and
 * for each link. What overlaps is put in rows of its own. What began and never ended lasts until the trace does.
 */
export function perfettoTrace(trace: Trace): PerfettoTrace {
  const picture = new Picture(trace);
  for (const event of trace.events) picture.add(event);
  const { origin, clock, model } = trace.header;
  return { traceEvents: picture.finish(), displayTimeUnit: 'ms', otherData: { origin, clock, model } };
}

interface OpenSpan {
  readonly process: string;
  readonly row: number;
  readonly name: string;
  readonly start: TraceEvent;
}

/** Which event ends the span that this one begins. */
const spanEnds: Partial<Record<TraceEventKind, readonly TraceEventKind[]>> = {
  arrival: ['answer', 'failure'],
  'stage-start': ['stage-end'],
  'encode-start': ['encode-end'],
  'decode-start': ['decode-end'],
  'transfer-start': ['transfer-end'],
  blocked: ['unblocked'],
};
const beginningOf: ReadonlyMap<TraceEventKind, TraceEventKind> = new Map(
  Object.entries(spanEnds).flatMap(([start, ends]) =>
    ends.map((end): [TraceEventKind, TraceEventKind] => [end, start as TraceEventKind]),
  ),
);

class Picture {
  readonly #events: PerfettoEvent[] = [];
  readonly #pids: Map<string, number> = new Map();
  /** By process: which rows have an open span. */
  readonly #rows: Map<string, boolean[]> = new Map();
  readonly #open: Map<string, OpenSpan> = new Map();
  readonly #origin: number;
  #now: number;

  constructor({ header, events }: Trace) {
    this.#origin = events[0]?.atSeconds ?? 0;
    this.#now = this.#origin;
    this.#pid('gateway');
    for (const { device } of header.devices) this.#pid(deviceName(device));
    for (const { from, to } of header.links) this.#pid(linkName(from, to));
  }

  add(event: TraceEvent): void {
    this.#now = event.atSeconds;
    const beginning = beginningOf.get(event.kind);
    if (beginning !== undefined) this.#end(beginning, event);
    if (event.kind in spanEnds) this.#begin(event);
    else if (event.kind === 'failure' || beginning === undefined) this.#mark(event);
  }

  finish(): readonly PerfettoEvent[] {
    for (const span of this.#open.values()) this.#draw(span);
    return this.#events;
  }

  #begin(event: TraceEvent): void {
    const process = processOf(event);
    const rows = this.#rows.get(process) ?? [];
    this.#rows.set(process, rows);
    const free = rows.indexOf(false);
    const row = free < 0 ? rows.length : free;
    if (free < 0) this.#nameRow(process, row);
    rows[row] = true;
    this.#open.set(keyOf(event.kind, event), { process, row, name: nameOf(event), start: event });
  }

  #end(beginning: TraceEventKind, event: TraceEvent): void {
    const key = keyOf(beginning, event);
    const span = this.#open.get(key);
    if (span === undefined) return;
    this.#open.delete(key);
    const rows = this.#rows.get(span.process);
    if (rows !== undefined) rows[span.row] = false;
    this.#draw(span);
  }

  #draw({ process, row, name, start }: OpenSpan): void {
    const place = { pid: this.#pid(process), tid: row + 1 };
    const dur = microseconds(this.#now - start.atSeconds);
    const when = { ts: microseconds(start.atSeconds - this.#origin), dur };
    this.#events.push({ ph: 'X', ...place, name, cat: categoryOf(start), ...when, args: argsOf(start) });
  }

  #mark(event: TraceEvent): void {
    const place = { pid: this.#pid(processOf(event)), tid: 1 };
    const when = { ts: microseconds(event.atSeconds - this.#origin), s: 'p' } as const;
    this.#events.push({
      ph: 'i',
      ...place,
      name: nameOf(event),
      cat: event.kind,
      ...when,
      args: argsOf(event),
    });
  }

  #pid(process: string): number {
    const known = this.#pids.get(process);
    if (known !== undefined) return known;
    const pid = this.#pids.size + 1;
    this.#pids.set(process, pid);
    const place = { pid, tid: 0 };
    this.#events.push({ ph: 'M', ...place, name: 'process_name', args: { name: process } });
    this.#events.push({ ph: 'M', ...place, name: 'process_sort_index', args: { sort_index: pid } });
    return pid;
  }

  #nameRow(process: string, row: number): void {
    const args = { name: row === 0 ? process : `${process}, also` };
    this.#events.push({ ph: 'M', pid: this.#pid(process), tid: row + 1, name: 'thread_name', args });
  }
}

const microseconds = (seconds: number): number => seconds * 1e6;
const deviceName = (device: TraceParty): string => (device === null ? 'gateway' : `device ${device}`);
const linkName = (from: TraceParty, to: TraceParty): string => `${from ?? 'gateway'} to ${to ?? 'gateway'}`;

function processOf(event: TraceEvent): string {
  if ('device' in event) return deviceName(event.device);
  if ('from' in event) return linkName(event.from, event.to);
  return 'gateway';
}

/** The same for a span's two ends. */
function keyOf(beginning: TraceEventKind, event: TraceEvent): string {
  const version = 'version' in event ? event.version : '';
  const about = 'requests' in event ? event.requests.join() : 'request' in event ? event.request : '';
  const what = 'tensor' in event ? event.tensor : 'stage' in event ? event.stage : '';
  return JSON.stringify([beginning, processOf(event), version, about, what]);
}

function nameOf(event: TraceEvent): string {
  switch (event.kind) {
    case 'arrival':
      return `request ${event.request}`;
    case 'stage-start':
      return `stage ${event.stage} of ${event.requests.join(', ')}`;
    case 'encode-start':
      return `encode ${event.tensor} of ${event.request}`;
    case 'decode-start':
      return `decode ${event.tensor} of ${event.request}`;
    case 'transfer-start':
      return `${event.tensor} of ${event.request}`;
    case 'blocked':
      return `stage ${event.stage} blocked`;
    case 'adaptation':
      return `${event.dynamic}: ${event.reaction}`;
    default:
      return event.kind;
  }
}

const categoryOf = ({ kind }: TraceEvent): string => kind.replace(/-start$/, '');

function argsOf(event: TraceEvent): Readonly<Record<string, unknown>> {
  const { kind: _kind, atSeconds: _at, ...args } = event;
  return args;
}
