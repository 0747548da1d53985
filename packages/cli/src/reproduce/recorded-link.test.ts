import {
  bitsPerSecond,
  createRandom,
  InvalidInputError,
  type Plan,
  seconds,
  type TracePoint,
} from '@tandem/core';
import { systemClock } from '@tandem/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { coachEnvelope } from './coach-envelope.ts';
import { problemOfSetting, type Setting } from './coach-testbed.ts';
import { bestPace, paceOfPlan } from './pace-of-plan.ts';
import { oracleThroughput, recordedReplanned, recordedThroughput } from './recorded-link.ts';
import { excerptOf, overTime } from './recordings.ts';

const steps = (...rows: readonly (readonly [at: number, megabits: number])[]): TracePoint[] =>
  rows.map(([at, megabits]) => ({ seconds: seconds(at), bitsPerSecond: bitsPerSecond(1e6 * megabits) }));

const rateOf = (point: TracePoint): number => point.bitsPerSecond;

describe('an excerpt of a recording', () => {
  const recording = {
    generation: '3G',
    name: 'walk',
    points: steps([0, 1], [1, 4], [3, 0], [10, 9]),
  } as const;

  it('is its beginning, multiplied so that its mean is what was asked for', () => {
    const points = excerptOf(recording, { untilSeconds: 6, meanMegabits: 3 });
    expect(points).toEqual(steps([0, 2], [1, 8], [3, 0]));
    expect(overTime(points, 6, rateOf)).toBeCloseTo(3e6, 6);
  });

  it('is refused where nothing passes', () => {
    const silent = { ...recording, points: steps([0, 0], [8, 5]) };
    expect(() => excerptOf(silent, { untilSeconds: 6, meanMegabits: 3 })).toThrow(InvalidInputError);
  });
});

describe('VGG16 under a link that moves', () => {
  const setting: Setting = { network: 'vgg16', device: 'NX', megabitsPerSecond: 10 };
  const problem = problemOfSetting(setting, 'period');
  let plans: readonly [Plan, ...Plan[]];
  beforeAll(async () => {
    const { signal } = new AbortController();
    plans = await coachEnvelope(setting, 'coach-lex', {
      clock: systemClock,
      random: createRandom(1),
      signal,
    });
  }, 60_000);

  it('has the pace of a plan at a rate that stays, as simulated, and a higher one the fewer bits there are', () => {
    const [first] = plans;
    expect(first.policies?.precision?.bits[0]?.bits).toBe(6);
    for (const megabits of [4, 8, 12, 40]) {
      const link = { points: steps([0, megabits]), untilSeconds: 60 };
      const pace = bestPace(problem, first)(1e6 * megabits);
      expect(recordedThroughput(problem, first, link) / pace).toBeCloseTo(1, 1);
      expect(paceOfPlan(problem, first, 2)(1e6 * megabits)).toBeGreaterThanOrEqual(pace);
      expect(oracleThroughput(problem, plans, link)).toBeGreaterThanOrEqual(pace);
    }
  });

  it('counts a plan from when its pipeline is full, where that is asked for', () => {
    const [first] = plans;
    const link = { points: steps([0, 40]), untilSeconds: 0.5 };
    const full = recordedThroughput(problem, first, link, 2);
    expect(recordedThroughput(problem, first, link)).toBeLessThan(full);
    expect(Math.abs(0.5 * (full - bestPace(problem, first)(40e6)))).toBeLessThanOrEqual(1);
  });

  it('loses less to the oracle where plans are changed than where one is kept', () => {
    const link = { points: steps([0, 10], [10, 2], [30, 10]), untilSeconds: 50 };
    const oracle = oracleThroughput(problem, plans, link);
    const kept = recordedThroughput(problem, plans[0], link) / oracle;
    const replanned = recordedReplanned(problem, plans, link) / oracle;
    expect(kept).toBeLessThan(0.8);
    expect(replanned).toBeGreaterThan(kept + 0.1);
    expect(replanned).toBeLessThanOrEqual(1.01);
  });
});
