import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../trace/trace.ts';
import { bitsPerSecond, bytes, seconds } from '../units.ts';
import type { Scenario, ScenarioArrivals, ScenarioPipeline } from './scenario.ts';
import { simulate } from './simulate.ts';

const stageSeconds = 0.02;
const devices = ['a', 'b'];

/** Each device works 20 ms on a request, in so many stages one after the other. */
function pipeline(
  version: number,
  priority: number,
  arrivals: ScenarioArrivals,
  pieces: number,
): ScenarioPipeline {
  const name = (at: number): string => `t${at}`;
  return {
    version,
    priority,
    arrivals,
    source: 'a',
    sink: 'b',
    inputs: ['x'],
    outputs: [name(2 * pieces)],
    tensors: [{ tensor: name(pieces), bytes: bytes(1000) }],
    stages: Array.from({ length: 2 * pieces }, (_, at) => ({
      stage: at,
      device: devices[Math.floor(at / pieces)] ?? '',
      seconds: seconds(stageSeconds / pieces),
      inputs: [at === 0 ? 'x' : name(at)],
      outputs: [name(at + 1)],
    })),
  };
}

const scenario = (pipelines: readonly ScenarioPipeline[]): Scenario => ({
  devices,
  links: [{ from: 'a', to: 'b', rate: { kind: 'constant', bitsPerSecond: bitsPerSecond(80e6) } }],
  pipelines,
});

const requests = 4000;
/** Half of what a device can do, and three times as much: twice too much together. */
const high = pipeline(1, 1, { kind: 'poisson', perSecond: 25, requests }, 1);
const low = { kind: 'poisson', perSecond: 75, requests: 3 * requests } as const;
const bounds = { window: 2, queue: 1, waiting: 4 };

function sojourns(events: readonly TraceEvent[], version: number): readonly number[] {
  const arrived = new Map<number, number>();
  const all: number[] = [];
  for (const event of events) {
    if (event.kind === 'arrival' && event.version === version) arrived.set(event.request, event.atSeconds);
    if (event.kind === 'answer' && event.version === version)
      all.push(event.atSeconds - (arrived.get(event.request) ?? 0));
  }
  return all.sort((left, right) => left - right);
}

const p99 = (sorted: readonly number[]): number => sorted[Math.floor(0.99 * sorted.length)] ?? 0;

describe('priority under twice the load that can be served', () => {
  const alone = sojourns(simulate(scenario([high])).events, 1);
  const busy = simulate(scenario([high, { ...pipeline(2, 0, low, 5), ...bounds }])).events;

  it('keeps the 99th percentile of important requests, whose turn comes at the end of any stage', () => {
    const own = sojourns(busy, 1);
    expect(own).toHaveLength(requests);
    expect(p99(own)).toBeLessThanOrEqual(1.2 * p99(alone));
  });

  it('answers others with what is left, and refuses the rest with a reason', () => {
    const others = sojourns(busy, 2);
    const refused = busy.flatMap((event) => (event.kind === 'failure' ? [event] : []));
    expect(others.length + refused.length).toBe(low.requests);
    expect(others.length).toBeGreaterThan(0.3 * requests);
    expect(new Set(refused.map(({ error }) => error))).toEqual(new Set(['ResourceError']));
  });

  it('does not keep it where all matter the same', () => {
    const equals = simulate(scenario([high, { ...pipeline(2, 1, low, 5), ...bounds }])).events;
    expect(p99(sojourns(equals, 1))).toBeGreaterThan(1.2 * p99(alone));
  });
});
