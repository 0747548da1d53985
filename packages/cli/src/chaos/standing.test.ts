import { seconds, type TraceEvent } from '@tandem/core';
import type { TraceFeed } from '@tandem/runtime';
import { describe, expect, it } from 'vitest';
import { type Standing, StandingWatch } from './standing.ts';

/** A feed whose agents tell `late` when they are asked, and the gateway `events` before. */
function feedOf(events: readonly TraceEvent[], late: readonly TraceEvent[] = []): TraceFeed {
  const watching: ((event: TraceEvent) => void)[] = [];
  const tell = (told: readonly TraceEvent[]): void => {
    for (const event of told) for (const see of watching) see(event);
  };
  return {
    collect: async () => tell(late),
    add: (event) => tell([event]),
    watch: (see) => {
      watching.push(see);
      tell(events);
      return () => undefined;
    },
  };
}

const look = (events: readonly TraceEvent[], late: readonly TraceEvent[] = []): Promise<Standing> =>
  new StandingWatch(feedOf(events, late)).look(new AbortController().signal);

const admitted = (request: number, at: number): TraceEvent => ({
  kind: 'admission',
  version: 1,
  request,
  ticket: request,
  atSeconds: seconds(at),
});
const stage = (
  kind: 'stage-start' | 'stage-end',
  number: number,
  device: string,
  request: number,
  at: number,
): TraceEvent => ({
  kind,
  version: 1,
  stage: number,
  device,
  requests: [request],
  atSeconds: seconds(at),
});

describe('StandingWatch', () => {
  it('counts who is in flight and who is inside a device', async () => {
    const events: TraceEvent[] = [
      admitted(0, 0),
      admitted(1, 0),
      admitted(2, 0),
      stage('stage-start', 0, 'd1', 0, 1),
      stage('stage-end', 0, 'd1', 0, 2),
      stage('stage-start', 0, 'd1', 1, 2),
      stage('stage-start', 1, 'd2', 0, 3),
      stage('stage-end', 1, 'd2', 0, 4),
      { kind: 'answer', version: 1, request: 0, atSeconds: seconds(5) },
    ];
    const { inFlight, inside, runs } = await look(events);
    expect({
      inFlight,
      inside: [...inside].map(([device, stages]) => [device, [...stages]]),
      runs: [...runs],
    }).toEqual({
      inFlight: 2,
      inside: [
        ['d1', [[1, 0]]],
        ['d2', []],
      ],
      runs: [
        [0, 'd1'],
        [1, 'd2'],
      ],
    });
  });

  it('has nobody inside a device that was lost', async () => {
    const events: TraceEvent[] = [
      admitted(0, 0),
      stage('stage-start', 0, 'd1', 0, 1),
      { kind: 'device-lost', device: 'd1', atSeconds: seconds(2) },
    ];
    expect((await look(events)).inside.get('d1')).toBeUndefined();
  });

  it('counts what agents tell when they are asked, but nothing from before their loss', async () => {
    const events: TraceEvent[] = [
      admitted(0, 0),
      admitted(1, 0),
      { kind: 'device-lost', device: 'd1', atSeconds: seconds(2) },
    ];
    const late = [
      stage('stage-start', 0, 'd1', 0, 1),
      stage('stage-start', 0, 'd1', 1, 3),
      stage('stage-start', 0, 'd2', 0, 2.5),
    ];
    const { inside, runs } = await look(events, late);
    expect([...inside].map(([device, stages]) => [device, [...stages.keys()]])).toEqual([
      ['d1', [1]],
      ['d2', [0]],
    ]);
    expect(runs.get(0)).toBe('d1');
  });
});
