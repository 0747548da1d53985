import { describe, expect, it } from 'vitest';
import { countsOf, faultsOf } from './counts.ts';
import { subjects } from './subjects.ts';
import { runTrial, type Trial } from './trial.ts';

const signal = new AbortController().signal;
const perSubject = 25;

const trial: Trial = {
  asked: true,
  binds: true,
  solvable: true,
  ratio: 1,
  roomyRatio: null,
  slack: null,
  violates: false,
  wrongBound: false,
  forgetful: true,
  proportional: false,
};

describe('countsOf', () => {
  it('counts what was asked, and says what contradicts a promise', () => {
    const trials: Trial[] = [
      trial,
      { ...trial, ratio: 1.5, roomyRatio: 1.5, slack: 1.25, forgetful: false },
      { ...trial, ratio: null },
      { ...trial, asked: false, violates: true },
    ];
    const counts = countsOf(trials);
    expect(counts).toMatchObject({
      asked: 3,
      withoutPlan: 1,
      plans: 2,
      atBest: 1,
      worstRatio: 1.5,
      slack: { median: 1.25, tight: 0, bounded: 1 },
      forgetful: 2,
    });
    expect(faultsOf(counts, { mostRatio: 1, looksAtMemory: true })).toEqual([
      'no plan for 1',
      'above 1 times the best',
    ]);
    expect(faultsOf(counts, { mostRatio: 3, looksAtMemory: false })).toEqual([]);
    expect(
      faultsOf(countsOf([{ ...trial, violates: true, wrongBound: true }]), {
        mostRatio: null,
        looksAtMemory: false,
      }),
    ).toEqual(['1 violating plans', '1 wrong bounds']);
  });
});

describe('planners against brute force', () => {
  it.each(subjects)(
    '$planner by $objective among $among',
    async (subject) => {
      const trials: Trial[] = [];
      for (let seed = 0; seed < perSubject; seed++) trials.push(await runTrial(subject, seed, signal));
      const counts = countsOf(trials);
      expect(counts.solvable).toBeGreaterThan(0);
      expect(faultsOf(counts, subject)).toEqual([]);
    },
    60_000,
  );
});
