import { describe, expect, it } from 'vitest';
import { formatBytes, formatFlops, formatSeconds } from './quantities.ts';

describe('quantities', () => {
  it.each([
    [formatSeconds(0), '0 µs'],
    [formatSeconds(0.0123), '12.3 ms'],
    [formatSeconds(0.000_001_5), '1.50 µs'],
    [formatSeconds(61), '61.0 s'],
    [formatBytes(0), '0 B'],
    [formatBytes(999), '999 B'],
    [formatBytes(602_112), '602 kB'],
    [formatBytes(999_900), '1.00 MB'],
    [formatFlops(300_774_272), '301 MFLOP'],
  ])('%s', (got, expected) => {
    expect(got).toBe(expected);
  });
});
