import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distributionOf } from '../search/distribution.ts';
import { chainScenario, numberedScenario } from '../simulate/random-scenario.ts';
import { simulate } from '../simulate/simulate.ts';
import { type TraceEvent, type TraceHeader, traceOf } from '../trace/trace.ts';
import { bytes, type Seconds, seconds } from '../units.ts';
import { metricsOf } from './metrics-of.ts';

const header: TraceHeader = {
  kind: 'trace',
  format: 1,
  origin: 'measured',
  clock: 'of the test',
  model: '',
  devices: [{ device: 'a' }, { device: 'b' }],
  links: [{ from: 'a', to: 'b' }],
  plans: [],
};
const at = (value: number): { readonly atSeconds: Seconds } => ({ atSeconds: seconds(value) });
const run = (request: number, device: string, start: number, end: number): TraceEvent[] => {
  const about = { version: 1, stage: 0, device, requests: [request] };
  return [
    { kind: 'stage-start', ...about, ...at(start) },
    { kind: 'stage-end', ...about, ...at(end) },
  ];
};
const send = (request: number, start: number, end: number, there: number): TraceEvent[] => {
  const about = { version: 1, request, tensor: 'h', from: 'a', to: 'b' };
  return [
    { kind: 'transfer-start', ...about, bytes: bytes(10), ...at(start) },
    { kind: 'transfer-end', ...about, ...at(end) },
    { kind: 'tensor-arrived', ...about, ...at(there) },
  ];
};

/** Two requests, from 100 s on; b waits for the first, and a is held up from 104 to 105. */
const trace = traceOf(header, [
  { kind: 'arrival', version: 1, request: 0, ...at(100) },
  { kind: 'arrival', version: 1, request: 1, ...at(101) },
  { kind: 'arrival', version: 1, request: 2, ...at(101) },
  { kind: 'admission', version: 1, request: 0, ticket: 0, ...at(100) },
  { kind: 'admission', version: 1, request: 1, ticket: 1, ...at(102) },
  ...run(0, 'a', 100, 102),
  ...run(1, 'a', 102, 104),
  { kind: 'blocked', version: 1, stage: 0, device: 'a', ...at(104) },
  { kind: 'unblocked', version: 1, stage: 0, device: 'a', ...at(105) },
  ...send(0, 102, 103, 103.5),
  // The second transfer overlaps the first by half a second, as measured ones do.
  ...send(1, 102.5, 105, 105),
  ...run(0, 'b', 103.5, 106),
  ...run(1, 'b', 106, 108),
  { kind: 'answer', version: 1, request: 0, ...at(106) },
  { kind: 'answer', version: 1, request: 1, ...at(108) },
  { kind: 'failure', version: 1, request: 2, error: 'DeadlineError', message: 'late', ...at(107) },
]);
const power = {
  devices: ['a', 'b'].map((device) => ({ device, watts: { busyWatts: 10, idleWatts: 1 } })),
  links: [{ from: 'a', to: 'b', transmitWatts: 2, receiveWatts: 1 }],
};

describe('metricsOf', () => {
  it('tells latency, pace, use, bubbles, queues and energy of a small measured trace', () => {
    const metrics = metricsOf(trace, { power });
    expect(metrics.requests).toEqual({ arrived: 3, admitted: 2, answered: 2, failed: 1, open: 0 });
    expect(metrics.latencySeconds).toMatchObject({ count: 2, mean: 6.5, p50: 6, p99: 7 });
    expect(metrics.admissionSeconds).toMatchObject({ mean: 0.5 });
    expect([metrics.windowSeconds, metrics.requestsPerSecond]).toEqual([8, 0.25]);
    const [a, b] = metrics.devices;
    expect(a).toMatchObject({
      busySeconds: 4,
      utilisation: 0.5,
      jobs: 2,
      bubbles: { internalSeconds: 0, windowSeconds: 4, starvedSeconds: 3, blockedSeconds: 1, ratio: 0 },
    });
    expect(b).toMatchObject({ busySeconds: 4.5, bubbles: { internalSeconds: 0, windowSeconds: 3.5 } });
    expect(b?.queue).toMatchObject({ longest: 1, meanLength: 1 / 8, waitSeconds: { count: 2, mean: 0.5 } });
    expect(metrics.links[0]).toMatchObject({ busySeconds: 3, jobs: 2, bytes: 20 });
    // a: 4 x 10 + 4 x 1 + 3 x 2; b: 4.5 x 10 + 3.5 x 1 + 3 x 1
    expect(metrics.energy).toEqual({
      energyJoules: 101.5,
      perAnswerJoules: 50.75,
      devices: [
        { device: 'a', energyJoules: 50 },
        { device: 'b', energyJoules: 51.5 },
      ],
      unknown: null,
    });
  });

  it('tells how long tensors wait for a link, from the end of what made them', () => {
    const { links } = metricsOf(
      traceOf(header, [
        { kind: 'arrival', version: 1, request: 0, ...at(0) },
        ...run(0, 'a', 0, 1),
        ...run(1, 'a', 1, 2),
        ...run(2, 'a', 2, 3),
        { kind: 'encode-end', version: 1, request: 2, device: 'a', tensor: 'h', ...at(4) },
        ...send(0, 1, 5, 5),
        ...send(1, 5, 9, 9),
        ...send(2, 9, 10, 10),
        { kind: 'answer', version: 1, request: 0, ...at(10) },
      ]),
    );
    expect(links[0]?.queue).toMatchObject({
      longest: 2,
      meanLength: 0.8,
      waitSeconds: { count: 3, mean: 8 / 3, p50: 3 },
    });
  });

  it('says why an energy is not known', () => {
    expect(metricsOf(trace).energy.unknown).toMatch('No power figures');
    const silent = { devices: [{ device: 'b', watts: null }], links: [] };
    expect(metricsOf(trace, { power: silent }).energy).toMatchObject({
      energyJoules: null,
      unknown: "The cluster does not state the power of 'b'.",
    });
  });

  it('does not count among what was sent what the gateway hands in and gets back', () => {
    const sent = (from: string | null, to: string | null): TraceEvent => {
      const about = { version: 1, request: 0, tensor: 'h', from, to };
      return { kind: 'transfer-start', ...about, bytes: bytes(10), ...at(1) };
    };
    const { bytesSent } = metricsOf(traceOf(header, [sent(null, 'a'), sent('a', 'b'), sent('b', null)]));
    expect(bytesSent).toBe(10);
  });

  it('tells nothing of an empty trace', () => {
    expect(metricsOf(traceOf(header, []))).toMatchObject({
      latencySeconds: null,
      requestsPerSecond: null,
      steadyRequestsPerSecond: null,
      windowSeconds: 0,
    });
  });

  it('has a whole pace that counts filling and a steady one that does not', () => {
    const arrivals = { kind: 'batch', requests: 100 } as const;
    const metrics = metricsOf(simulate(chainScenario([1, 8, 1], arrivals)));
    expect(metrics.requestsPerSecond).toBeCloseTo(100 / (10 + 99 * 8), 12);
    expect(metrics.steadyRequestsPerSecond).toBeCloseTo(1 / 8, 12);
  });

  it('divides the window of every device into work, starving and blocking', () => {
    fc.assert(
      fc.property(fc.nat(10_000), (seed) => {
        const metrics = metricsOf(simulate(numberedScenario(seed), { seed }));
        for (const { busySeconds, bubbles } of metrics.devices) {
          const parts = busySeconds + bubbles.starvedSeconds + bubbles.blockedSeconds;
          expect(parts).toBeCloseTo(metrics.windowSeconds, 9);
          expect(bubbles.internalSeconds).toBeLessThanOrEqual(bubbles.windowSeconds + 1e-9);
        }
      }),
      { numRuns: 50, seed: 5 },
    );
  });
});

describe('distributionOf', () => {
  it.each([
    [[3], { count: 1, mean: 3, least: 3, p50: 3, p99: 3, most: 3 }],
    [[4, 1, 3, 2], { p50: 2, p90: 4, mean: 2.5, least: 1, most: 4 }],
    [Array.from({ length: 100 }, (_, value) => value + 1), { p50: 50, p90: 90, p95: 95, p99: 99 }],
  ])('%j', (values, expected) => {
    expect(distributionOf(values)).toMatchObject(expected);
  });
});
