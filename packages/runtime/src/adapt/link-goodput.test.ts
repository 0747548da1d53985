import { bytes, parseCluster, seconds, type TraceEvent } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { LinkGoodput } from './link-goodput.ts';

/** One way takes 10 ms. */
const { links } = parseCluster({
  name: 'two',
  hosts: [
    { id: 'a', memoryGigabytes: 1 },
    { id: 'b', memoryGigabytes: 1 },
  ],
  devices: ['a', 'b'].map((id) => ({
    id,
    host: id,
    kind: 'cpu',
    gigaflopsPerSecond: 1,
    memoryGigabytesPerSecond: 1,
  })),
  links: [{ from: 'a', to: 'b', megabitsPerSecond: 8, roundTripMilliseconds: 20, bothWays: true }],
  source: 'a',
});

const way = (request: number) => ({ version: 1, request, tensor: 'x', from: 'a', to: 'b' }) as const;
const sent = (request: number, at: number, size: number): TraceEvent => ({
  kind: 'transfer-start',
  atSeconds: seconds(at),
  bytes: bytes(size),
  ...way(request),
});
const arrived = (request: number, at: number): TraceEvent => ({
  kind: 'tensor-arrived',
  atSeconds: seconds(at),
  ...way(request),
});
const failed = (request: number): TraceEvent => ({
  kind: 'failure',
  atSeconds: seconds(0),
  version: 1,
  request,
  error: 'DeadlineError',
  message: '',
});

const repaired = (replaces: number): TraceEvent => ({
  kind: 'repair',
  atSeconds: seconds(0),
  version: replaces + 1,
  replaces,
  message: '',
});

/** So many transfers of 100 kB, one a second, each under way for so long. */
const transfers = (...took: readonly number[]): readonly TraceEvent[] =>
  took.flatMap((seconds, at) => [sent(100 + at, at, 1e5), arrived(100 + at, at + seconds)]);

describe('LinkGoodput', () => {
  it.each([
    { what: 'three tensors, their way not counted', events: transfers(0.11, 0.11, 0.11), rate: 8e6 },
    { what: 'most tensors, though one was held up', events: transfers(0.11, 0.9, 0.11), rate: 8e6 },
    { what: 'a link that is slow for all', events: transfers(0.41, 0.41, 0.9), rate: 2e6 },
    { what: 'nothing before there are three', events: transfers(0.11, 0.9), rate: null },
    {
      what: 'those that wait for each other, told by the receiver first',
      events: [
        ...[1, 2, 3].map((request) => arrived(request, 0.01 + 0.1 * request)),
        ...[1, 2, 3].map((request) => sent(request, 0, 1e5)),
      ],
      rate: 8e6,
    },
    {
      what: 'those that come two at once out of a buffer',
      events: [1, 2, 3, 4, 5, 6].flatMap((request) => [
        sent(request, 0, 1e5),
        arrived(request, 0.01 + 0.2 * Math.ceil(request / 2)),
      ]),
      rate: 8e6,
    },
    { what: 'nothing of a few bytes', events: [sent(1, 0, 100), arrived(1, 5)], rate: null },
    { what: 'nothing of what has failed', events: [sent(1, 0, 1e5), failed(1)], rate: null },
    { what: 'nothing of what has failed and is told late', events: [failed(1), sent(1, 0, 1e5)], rate: null },
    { what: 'nothing of what a repair sends again', events: [sent(1, 0, 1e5), repaired(1)], rate: null },
    { what: 'nothing of that told late', events: [repaired(1), sent(1, 0, 1e5)], rate: null },
    { what: 'at most so much of what does not arrive', events: [sent(1, 0, 1e6)], rate: 8e5 },
  ])('tells the rate of $what', ({ events, rate }) => {
    const goodput = new LinkGoodput(links);
    for (const event of events) goodput.see(event);
    const readings = goodput.read(10);
    expect(readings.map(({ from, to }) => [from, to])).toEqual(rate === null ? [] : [['a', 'b']]);
    if (rate !== null) expect(readings[0]?.bitsPerSecond).toBeCloseTo(rate, 3);
  });

  it('says once what it has measured', () => {
    const goodput = new LinkGoodput(links);
    for (const event of transfers(0.11, 0.11, 0.11)) goodput.see(event);
    expect(goodput.read(3)).toHaveLength(1);
    expect(goodput.read(4)).toEqual([]);
  });
});
