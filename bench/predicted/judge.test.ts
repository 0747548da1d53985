import { describe, expect, it } from 'vitest';
import { cutResults, errorsOf, pickOf } from './judge.ts';
import type { CutLine, RequestLine } from './lines.ts';

const cut = (number: number, head: number, transfer: number, tail: number): CutLine => ({
  kind: 'cut',
  cut: number,
  tensor: `t${number}`,
  bytes: 1000,
  headSeconds: head,
  transferSeconds: transfer,
  tailSeconds: tail,
  latencySeconds: head + transfer + tail,
});

const request = (
  number: number,
  [head, transfer, tail]: readonly [number, number, number],
  rest = 0,
): RequestLine => ({
  kind: 'request',
  round: 1,
  cut: number,
  headSeconds: head / 4,
  pacedSeconds: head,
  transferSeconds: transfer,
  tailSeconds: tail,
  tailBusySeconds: tail,
  latencySeconds: head + transfer + tail + rest,
});

describe('the judgement of predictions', () => {
  const cuts = [cut(1, 0.4, 0.2, 0.1), cut(2, 0.2, 0.1, 0.3)];

  it('scales the head, takes medians and tells the rest apart', () => {
    const requests = [
      request(1, [0.4, 0.25, 0.1], 0.01),
      request(1, [0.4, 0.2, 0.1], 0.01),
      request(1, [0.4, 0.9, 0.1], 0.01),
    ];
    const [result, ...others] = cutResults(cuts, requests, 4);
    expect(others).toEqual([]);
    expect(result).toMatchObject({ requests: 3, headSeconds: 0.4, transferSeconds: 0.25, tailSeconds: 0.1 });
    expect(result?.restSeconds).toBeCloseTo(0.01, 9);
    expect(result?.latency.median).toBeCloseTo(0.76, 9);
  });

  it('averages errors relative to what was measured, transfers apart from computing', () => {
    const requests = [request(1, [0.4, 0.25, 0.1]), request(2, [0.25, 0.1, 0.3])];
    const errors = errorsOf(cutResults(cuts, requests, 4));
    expect(errors.transfer).toBeCloseTo((0.2 + 0) / 2, 9);
    expect(errors.compute).toBeCloseTo((0 + 0 + 0.2 + 0) / 4, 9);
  });

  it.each([
    ['the best', [request(1, [0.4, 0.2, 0.1]), request(2, [0.2, 0.1, 0.3])], 1, true],
    ['within 3 %', [request(1, [0.3, 0.1, 0.19]), request(2, [0.2, 0.1, 0.3])], 0.6 / 0.59, true],
    ['worse', [request(1, [0.2, 0.1, 0.2]), request(2, [0.2, 0.1, 0.3])], 1.2, false],
    [
      'worse, but within the interval of the best',
      [
        request(1, [0.2, 0.1, 0.1]),
        request(1, [0.2, 0.1, 0.2]),
        request(1, [0.2, 0.1, 0.5]),
        request(2, [0.2, 0.1, 0.3]),
      ],
      1.2,
      true,
    ],
  ])('compares the pick: %s', (_, requests, ratio, holds) => {
    const pick = pickOf(cutResults(cuts, requests, 4));
    expect(pick?.picked.cut.cut).toBe(2);
    expect(pick?.ratio).toBeCloseTo(ratio, 9);
    expect(pick?.holds).toBe(holds);
  });

  it('knows no pick without cuts', () => expect(pickOf([])).toBeNull());
});
