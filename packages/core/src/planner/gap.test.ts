import { describe, expect, it } from 'vitest';
import { gapOver } from './gap.ts';

describe('gapOver', () => {
  it.each([
    { value: 3, least: 2, gap: 0.5 },
    { value: 2, least: 2, gap: 0 },
    { value: 2 * (1 + 1e-12), least: 2, gap: 0 },
    { value: 1, least: 2, gap: -0.5 },
    { value: 0, least: 0, gap: 0 },
    { value: 1, least: 0, gap: Number.POSITIVE_INFINITY },
  ])('of $value over $least is $gap', ({ value, least, gap }) => {
    expect(gapOver(value, least)).toBe(gap);
  });
});
