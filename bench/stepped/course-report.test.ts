import { describe, expect, it } from 'vitest';
import { believedPhase } from './believed-phase.ts';
import type { Phase } from './course-figures.ts';
import { courseRemarks, courseTable, type NamedCourse, resultRows } from './course-report.ts';

const phase = (megabitsPerSecond: number, requestsPerSecond: number, meanBits: number | null): Phase =>
  believedPhase({ megabitsPerSecond, simulated: 2 * requestsPerSecond, requestsPerSecond, meanBits });

const course: NamedCourse = {
  name: 'net from 20 Mbit/s',
  rates: [20, 10, 5],
  rivals: ['JPS'],
  printed: { kept: [88, null], overJps: [1.3, null, 1.6] },
  dynamic: new Map([
    ['COACH', [phase(20, 20, 8), phase(10, 9, 6), phase(5, 4, 6)]],
    ['JPS', [phase(20, 10, null), phase(10, 6, null), phase(5, 5, null)]],
  ]),
  afresh: new Map([['COACH', [phase(10, 12, 8), phase(5, 8, 8)]]]),
};

describe('the report of a course', () => {
  it('speaks of what the paper prints alone', () =>
    expect(courseRemarks(course)).toEqual([
      'net from 20 Mbit/s, at 20: COACH 2.00 (2.00) times JPS (goal: 1.3).',
      'net from 20 Mbit/s, at 10: COACH keeps 75 (75) % of a plan made for it (goal: 88).',
      'net from 20 Mbit/s, at 5: COACH 0.80 (0.80) times JPS (goal: 1.6).',
    ]));

  it('has every ratio beside the simulated one', () =>
    expect(resultRows(course).find((row) => row.case.endsWith('at 10: COACH, over JPS'))).toMatchObject({
      value: 1.5,
      unit: '×',
      ratio: 1,
      ratioTo: 'simulated 1.50',
    }));

  it('fills every cell of its table, empty where there is nothing', () => {
    const { columns, cells } = courseTable(course);
    expect(cells.every((row) => row.length === columns.length)).toBe(true);
    expect(cells.slice(0, 3)).toEqual([
      ['20', 'COACH', '20.00 (40.00)', '8.00', '', '2.00 (2.00)'],
      ['20', 'JPS', '10.00 (20.00)', '', '', ''],
      ['10', 'COACH', '9.00 (18.00)', '6.00', '75 (75)', '1.50 (1.50)'],
    ]);
  });
});
