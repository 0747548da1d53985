import { describe, expect, it } from 'vitest';
import type { RunLine } from './gateway-lines.ts';
import { disbelief, realCores } from './lab-check.ts';

const run = (computeSeconds: number, more: Partial<RunLine> = {}): RunLine => ({
  kind: 'ran',
  answered: 100,
  failed: 0,
  differing: 0,
  firstError: null,
  startSeconds: 10,
  endSeconds: 20,
  stages: [0, 1].map((stage) => ({ stage, requests: 90, busySeconds: 0.1, computeSeconds })),
  ...more,
});

describe('the check of a lab', () => {
  it('adds up what all devices computed', () => expect(realCores(run(0.05))).toBeCloseTo(1, 9));

  it('believes what stays below 1.2 cores', () => expect(disbelief(run(0.059), [0.1, null])).toBeNull());

  it.each([
    ['more than 1.2 cores', run(0.061), '1.22 cores'],
    ['a failure', run(0.01, { failed: 1, firstError: 'lost' }), '1 requests failed: lost'],
    ['another answer', run(0.01, { differing: 2 }), '2 answers differ'],
    ['a stage slower than its device', run(0.055), 'stage 0 computed'],
  ])('does not believe %s', (_, line, says) => expect(disbelief(line, [0.05, null])).toContain(says));
});
