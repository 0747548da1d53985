import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../errors.ts';
import { bytes, type Seconds, seconds } from '../units.ts';
import { perfettoTrace } from './perfetto.ts';
import { readTrace } from './read-trace.ts';
import { type TraceEvent, type TraceEventKind, type TraceHeader, traceOf } from './trace.ts';
import { type TraceFieldKind, traceFields } from './trace-fields.ts';
import { traceLines } from './trace-lines.ts';

const header: TraceHeader = {
  kind: 'trace',
  format: 1,
  origin: 'simulated',
  clock: 'simulated time',
  model: 'tiny',
  devices: [{ device: 'a' }, { device: 'b' }],
  links: [{ from: 'a', to: 'b' }],
  plans: [{ version: 1, planner: 'test', stages: [{ stage: 0, devices: ['a'] }] }],
};

const at = (value: number): { readonly atSeconds: Seconds } => ({ atSeconds: seconds(value) });
const one = { version: 1, request: 7 };
const stage = { version: 1, stage: 0, device: 'a', requests: [7] };
const crossing = { ...one, tensor: 'h', from: 'a', to: 'b' };
const small: readonly TraceEvent[] = [
  { kind: 'arrival', ...one, ...at(10) },
  { kind: 'admission', ...one, ticket: 0, ...at(10) },
  { kind: 'stage-start', ...stage, ...at(10) },
  { kind: 'stage-end', ...stage, ...at(10.5) },
  { kind: 'transfer-start', ...crossing, bytes: bytes(8), ...at(10.5) },
  { kind: 'transfer-end', ...crossing, ...at(10.75) },
  { kind: 'tensor-arrived', ...crossing, ...at(11) },
  { kind: 'arrival', version: 1, request: 8, ...at(11) },
  { kind: 'answer', ...one, ...at(12) },
  { kind: 'device-lost', device: 'b', ...at(12) },
];

const fieldValues: Record<TraceFieldKind, fc.Arbitrary<unknown>> = {
  count: fc.nat(),
  counts: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
  quantity: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
  name: fc.string(),
  reading: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  flag: fc.option(fc.boolean()),
  party: fc.option(fc.string()),
  text: fc.string(),
};
const kinds = Object.keys(traceFields) as TraceEventKind[];
const anyEvent = fc.constantFrom(...kinds).chain((kind) => {
  const fields = Object.entries<TraceFieldKind>(traceFields[kind]).map(([name, field]) => [
    name,
    fieldValues[field],
  ]);
  const time = fc.integer({ min: 0, max: 20 });
  return fc.record({ kind: fc.constant(kind), atSeconds: time, ...Object.fromEntries(fields) });
}) as fc.Arbitrary<TraceEvent>;
const anyTrace = fc.array(anyEvent, { maxLength: 40 }).map((events) => traceOf(header, events));

describe('trace', () => {
  it('sorts by time and keeps the order among equals', () => {
    const events: TraceEvent[] = [
      { kind: 'answer', ...one, ...at(2) },
      { kind: 'device-lost', device: 'b', ...at(1) },
      { kind: 'device-back', device: 'b', ...at(1) },
    ];
    const kindsInOrder = traceOf(header, events).events.map(({ kind }) => kind);
    expect(kindsInOrder).toEqual(['device-lost', 'device-back', 'answer']);
  });

  it('comes back from its lines as it was', () => {
    fc.assert(
      fc.property(anyTrace, (trace) => {
        const text = [...traceLines(trace)].join('');
        // -0 has no form of its own in JSON.
        expect(readTrace(text.split('\n'))).toEqual(JSON.parse(JSON.stringify(trace)));
      }),
    );
  });

  const refused: readonly {
    readonly name: string;
    readonly lines: readonly string[];
    readonly says: string;
  }[] = [
    { name: 'nothing', lines: [''], says: 'no header' },
    { name: 'an event first', lines: [JSON.stringify(small[0])], says: 'line 1' },
    { name: 'another format', lines: [JSON.stringify({ ...header, format: 2 })], says: 'format 1' },
    { name: 'no JSON', lines: [JSON.stringify(header), 'arrival'], says: 'line 2' },
    {
      name: 'an unknown kind',
      lines: [JSON.stringify(header), '{"kind":"toString","atSeconds":1}'],
      says: 'unknown',
    },
    { name: 'no time', lines: [JSON.stringify(header), '{"kind":"arrival"}'], says: 'time' },
    {
      name: 'a field of another type',
      lines: [JSON.stringify(header), '{"kind":"arrival","atSeconds":1,"version":1,"request":"1"}'],
      says: 'request is no count',
    },
    {
      name: 'time that runs back',
      lines: [header, small[8], small[0]].map((value) => JSON.stringify(value)),
      says: '10 s after one at 12 s',
    },
  ];
  for (const { name, lines, says } of refused) {
    it(`is not read from ${name}`, () => {
      expect(() => readTrace(lines)).toThrow(InvalidInputError);
      expect(() => readTrace(lines)).toThrow(says);
    });
  }
});

describe('perfettoTrace', () => {
  it('draws spans in microseconds from the first event, a process a device and a link', () => {
    const { traceEvents } = perfettoTrace(traceOf(header, small));
    const names = traceEvents.flatMap((event) =>
      event.ph === 'M' && event.name === 'process_name' ? [[event.pid, event.args]] : [],
    );
    expect(names).toEqual([
      [1, { name: 'gateway' }],
      [2, { name: 'device a' }],
      [3, { name: 'device b' }],
      [4, { name: 'a to b' }],
    ]);
    const spans = traceEvents.flatMap((event) =>
      event.ph === 'X' ? [[event.name, event.pid, event.tid, event.ts, event.dur]] : [],
    );
    expect(spans).toEqual([
      ['stage 0 of 7', 2, 1, 0, 500_000],
      ['h of 7', 4, 1, 500_000, 250_000],
      ['request 7', 1, 1, 0, 2_000_000],
      ['request 8', 1, 2, 1_000_000, 1_000_000],
    ]);
    const moments = traceEvents.flatMap((event) =>
      event.ph === 'i' ? [[event.name, event.pid, event.ts]] : [],
    );
    expect(moments).toEqual([
      ['admission', 1, 0],
      ['tensor-arrived', 4, 1_000_000],
      ['device-lost', 3, 2_000_000],
    ]);
  });

  it('is what the Trace Event Format asks for, whatever happened, and spans of a row never overlap', () => {
    fc.assert(
      fc.property(anyTrace, (trace) => {
        const picture = perfettoTrace(trace);
        expect(JSON.parse(JSON.stringify(picture))).toEqual(picture);
        const { traceEvents } = picture;
        const rowEnds = new Map<string, { ts: number; end: number }[]>();
        for (const event of traceEvents) {
          expect(['X', 'i', 'M']).toContain(event.ph);
          expect(Number.isInteger(event.pid) && Number.isInteger(event.tid)).toBe(true);
          expect(typeof event.name).toBe('string');
          if (event.ph !== 'M') expect(event.ts).toBeGreaterThanOrEqual(0);
          if (event.ph === 'i') expect(event.s).toBe('p');
          if (event.ph !== 'X') continue;
          expect(event.dur).toBeGreaterThanOrEqual(0);
          const row = JSON.stringify([event.pid, event.tid]);
          rowEnds.set(row, [...(rowEnds.get(row) ?? []), { ts: event.ts, end: event.ts + event.dur }]);
        }
        for (const spans of rowEnds.values()) {
          const inOrder = spans.toSorted((left, right) => left.ts - right.ts || left.end - right.end);
          for (let next = 1; next < inOrder.length; next++)
            expect(inOrder[next]?.ts).toBeGreaterThanOrEqual((inOrder[next - 1]?.end ?? 0) - 1e-6);
        }
      }),
    );
  });
});
