import { describe, expect, it } from 'vitest';
import { seconds } from '../../units.ts';
import { initialProbation, isReliable, probationSeconds, redialSeconds, stepProbation } from './probation.ts';

describe('probation', () => {
  it('begins with trust, and ends 30 s after the first return', () => {
    const state = initialProbation();
    expect(isReliable(state, seconds(0))).toBe(true);
    stepProbation(state, { kind: 'lost' }, seconds(10));
    expect(isReliable(state, seconds(1000))).toBe(false);
    stepProbation(state, { kind: 'back' }, seconds(12));
    expect(isReliable(state, seconds(41.9))).toBe(false);
    expect(isReliable(state, seconds(42))).toBe(true);
  });

  it('lasts twice as long after each relapse, an hour at most, and is forgotten after a long stay', () => {
    const state = initialProbation();
    const lasted: number[] = [];
    for (let relapse = 0; relapse < 10; relapse++) {
      stepProbation(state, { kind: 'lost' }, seconds(relapse));
      stepProbation(state, { kind: 'back' }, seconds(relapse + 0.5));
      lasted.push(probationSeconds(state));
    }
    expect(lasted).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
    stepProbation(state, { kind: 'lost' }, seconds(20_000));
    expect(probationSeconds(state)).toBe(30);
  });

  it('takes the same news only once', () => {
    const state = initialProbation();
    for (const at of [1, 2, 3]) stepProbation(state, { kind: 'lost' }, seconds(at));
    expect(probationSeconds(state)).toBe(30);
  });

  it('dials again less and less often', () => {
    expect([0, 1, 2, 3, 4, 5, 9].map((attempt) => redialSeconds(attempt))).toEqual([
      0.25, 0.5, 1, 2, 4, 8, 8,
    ]);
  });
});
