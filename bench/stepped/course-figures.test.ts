import { describe, expect, it } from 'vitest';
import { courseRows, disbeliefOf, type Phase } from './course-figures.ts';
import type { PhaseLine } from './stepped-lines.ts';

const line: PhaseLine = {
  kind: 'phase',
  requestsPerSecond: 10,
  meanBits: null,
  failed: 0,
  firstError: null,
  differing: 0,
  deviceSlowdown: 1,
  serverShare: 0.5,
};
const phase = (megabitsPerSecond: number, requestsPerSecond: number, simulated: number): Phase => ({
  megabitsPerSecond,
  simulated,
  measured: { ...line, requestsPerSecond },
});

describe('the rows of a course', () => {
  const dynamic = new Map([
    ['COACH', [phase(20, 20, 20), phase(10, 9, 8)]],
    ['JPS', [phase(20, 10, 16), phase(10, 6, 4)]],
  ]);
  const afresh = new Map([['COACH', [phase(10, 12, 10)]]]);
  const rows = courseRows({ rates: [20, 10], dynamic, afresh }, ['JPS']);

  it('go rate by rate', () =>
    expect(rows.map((row) => [row.phase.megabitsPerSecond, row.planner])).toEqual([
      [20, 'COACH'],
      [20, 'JPS'],
      [10, 'COACH'],
      [10, 'JPS'],
    ]));

  it('hold a plan against one made for the rate, where there is one', () =>
    expect(rows.map(({ kept }) => kept)).toEqual([null, null, { measured: 0.75, simulated: 0.8 }, null]));

  it('hold it against rivals at the same rate, and rivals against nobody', () =>
    expect(rows.map(({ over }) => over.get('JPS') ?? null)).toEqual([
      { measured: 2, simulated: 1.25 },
      null,
      { measured: 1.5, simulated: 2 },
      null,
    ]));

  it('do without a rival that was not measured', () => {
    const [alone] = courseRows({ rates: [20], dynamic, afresh }, ['another']);
    expect(alone?.over.size).toBe(0);
  });
});

describe('a run', () => {
  const with_ = (more: Partial<PhaseLine>): Phase[] => [
    phase(20, 1, 1),
    { ...phase(10, 1, 1), measured: { ...line, ...more } },
  ];

  it('is believed where nothing speaks against it', () =>
    expect(disbeliefOf(with_({ deviceSlowdown: 1.04 }))).toBeNull());

  it.each([
    ['a slow device', { deviceSlowdown: 1.06 }, 'at 10 Mbit/s its device took 1.06 times'],
    ['a busy server', { serverShare: 0.96 }, 'busy for 96 %'],
    ['a failure', { failed: 1, firstError: 'lost' }, '1 requests failed: lost'],
    ['another answer', { differing: 2 }, '2 answers were not'],
  ])('is not believed with %s', (_, more, says) => expect(disbeliefOf(with_(more))).toContain(says));
});
