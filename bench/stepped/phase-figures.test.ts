import { type AffineBits, bytes, type Codec, seconds } from '@tandem/core';
import { describe, expect, it } from 'vitest';
import { type Ended, phaseFigures } from './phase-figures.ts';

const raw: Codec = { kind: 'raw' };
const coded = (bits: AffineBits): Codec => ({ kind: 'affine', bits, perChannel: false });

/** An answer for which the end device was taken `busy` seconds and the server half a second. */
function answered(atSeconds: number, busy: number, codec: Codec, way = 0): Ended {
  const zero = seconds(0);
  const stage = { computeSeconds: zero, queueSeconds: zero };
  const transfer = {
    tensor: 'h',
    from: 'end',
    to: 'cloud',
    seconds: null,
    bytes: bytes(8),
    rawBecause: null,
  };
  const stages = [
    { ...stage, stage: 0, device: 'end', busySeconds: seconds(busy) },
    { ...stage, stage: 1, device: 'cloud', busySeconds: seconds(0.5) },
  ];
  return { way, atSeconds, error: null, answer: { stages, transfers: [{ ...transfer, codec }] } };
}

const context = { source: 'end', sourceSeconds: [0.1, 0.2], slowMotion: 10 };

describe('the figures of a phase', () => {
  it('count what comes after settling, in the paper’s time', () => {
    const ended = [1, 9, 11, 13].map((at) => answered(at, 1, raw));
    const { requestsPerSecond, serverShare, deviceSlowdown } = phaseFigures(ended, 2, context);
    expect(requestsPerSecond).toBeCloseTo(5, 9);
    expect(serverShare).toBeCloseTo(0.25, 9);
    expect(deviceSlowdown).toBeCloseTo(1, 9);
  });

  it('count all that came in a time that is stated', () => {
    const ended = [3, 4].map((at) => answered(at, 1, raw));
    expect(phaseFigures(ended, 0, context, 10).requestsPerSecond).toBeCloseTo(2, 9);
  });

  it('hold the device against the way of each request', () => {
    const ended = [answered(1, 9, raw), answered(2, 1, raw, 0), answered(3, 5, raw, 1)];
    expect(phaseFigures(ended, 1, context).deviceSlowdown).toBeCloseTo(2, 9);
  });

  it('have no slowdown of a device that computes nothing', () => {
    const ended = [answered(1, 0, raw), answered(2, 0, raw)];
    expect(phaseFigures(ended, 1, { ...context, sourceSeconds: [0] }).deviceSlowdown).toBe(1);
  });

  it('average the bits of coded tensors alone', () => {
    const ended = [8, 6, 8].map((bits, at) => answered(at, 1, coded(bits as AffineBits)));
    expect(phaseFigures([...ended, answered(4, 1, raw)], 1, context).meanBits).toBe(7);
    expect(phaseFigures([answered(1, 1, raw), answered(2, 1, raw)], 1, context).meanBits).toBeNull();
  });

  it('name failures, those before it settled too, and do not count them as answers', () => {
    const lost: Ended = { way: 0, atSeconds: 1, answer: null, error: 'lost' };
    const ended = [lost, answered(2, 1, raw), { ...lost, atSeconds: 3 }, answered(4, 1, raw)];
    const { failed, firstError, requestsPerSecond } = phaseFigures(ended, 2, context);
    expect([failed, firstError]).toEqual([2, 'lost']);
    expect(requestsPerSecond).toBeCloseTo(5, 9);
  });
});
