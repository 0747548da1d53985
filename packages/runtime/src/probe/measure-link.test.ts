import { describe, expect, it } from 'vitest';
import { linkOf } from './measure-link.ts';

describe('linkOf', () => {
  it.each([
    ['a cost of each message', 0.001, 0.001, 0],
    ['a bucket that lets the first bytes through', -0.001, 0, 125],
  ])('has %s', (_, offset, expected, burst) => {
    const roundTrip = 0.02;
    const transfer = (bytes: number) => ({ bytes, seconds: offset + roundTrip + (8 * bytes) / 1e6 });
    const link = linkOf(transfer(1000), transfer(50_000), roundTrip);
    expect(link.bitsPerSecond).toBeCloseTo(1e6, 3);
    expect(link.perMessageSeconds).toBeCloseTo(expected, 9);
    expect(link.burstBytes).toBe(burst);
    expect(link.roundTripSeconds).toBe(roundTrip);
  });
});
