import { seconds, type TraceEvent, traceOf } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { standingOf } from './standing.ts';

const header = {
  kind: 'trace',
  format: 1,
  origin: 'measured',
  clock: '',
  model: '',
  devices: [],
  links: [],
  plans: [],
} as const;

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

describe('standingOf', () => {
  it('counts who is in flight and who is inside a device', () => {
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
    const { inFlight, inside, runs } = standingOf(traceOf(header, events));
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

  it('has nobody inside a device that was lost', () => {
    const events: TraceEvent[] = [
      admitted(0, 0),
      stage('stage-start', 0, 'd1', 0, 1),
      { kind: 'device-lost', device: 'd1', atSeconds: seconds(2) },
    ];
    expect(standingOf(traceOf(header, events)).inside.get('d1')).toBeUndefined();
  });
});
