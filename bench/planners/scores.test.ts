import { describe, expect, it } from 'vitest';
import type { Answer } from './answers.ts';
import { scoresOf } from './scores.ts';

const answer = (
  name: string,
  kind: Answer['kind'],
  value: number | null = null,
  gap: number | null = null,
): Answer => ({
  name,
  kind,
  value,
  gap,
  chainGap: gap === null ? null : gap / 5,
  milliseconds: value ?? 7,
  longestPause: 4,
});

describe('scoresOf', () => {
  it('counts each planner against the best of all, and what it does not treat not at all', () => {
    const scores = scoresOf([
      [answer('a', 'feasible', 2), answer('b', 'feasible', 1, 0.25), answer('c', 'unsupported')],
      [answer('a', 'feasible', 3), answer('b', 'infeasible'), answer('c', 'unsupported')],
      [answer('a', 'violating'), answer('b', 'feasible', 5, 0), answer('c', 'unsupported')],
      [answer('a', 'infeasible'), answer('b', 'infeasible'), answer('c', 'unsupported')],
    ]);
    expect(scores).toEqual([
      {
        name: 'a',
        asked: 4,
        withoutPlan: 1 / 3,
        violating: 1 / 4,
        atBest: 1 / 2,
        gap: { median: 0.5, ninth: 0.9, worst: 1 },
        provenGap: null,
        chainGap: null,
        milliseconds: { median: 5, worst: 7 },
        pause: { median: 4, ninth: 4 },
      },
      {
        name: 'b',
        asked: 4,
        withoutPlan: 1 / 3,
        violating: 0,
        atBest: 1,
        gap: { median: 0, ninth: 0, worst: 0 },
        provenGap: { median: 0.125, ninth: expect.closeTo(0.225), worst: 0.25 },
        chainGap: { median: 0.025, ninth: expect.closeTo(0.045), worst: 0.05 },
        milliseconds: { median: 6, worst: 7 },
        pause: { median: 4, ninth: 4 },
      },
      {
        name: 'c',
        asked: 0,
        withoutPlan: null,
        violating: null,
        atBest: null,
        gap: null,
        provenGap: null,
        chainGap: null,
        milliseconds: null,
        pause: null,
      },
    ]);
  });
});
