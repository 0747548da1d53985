import type { BenchRow, BenchTable } from '../bench.ts';
import { type Course, type CourseRow, courseRows, type Pair } from './course-figures.ts';

export interface NamedCourse extends Course {
  readonly name: string;
  /** Planners that the others are held against. */
  readonly rivals: readonly string[];
  /** What the paper has: in % at each rate but the first, and times JPS at each; null = nothing. */
  readonly printed: {
    readonly kept: readonly (number | null)[];
    readonly overJps: readonly (number | null)[];
  };
}

export function resultRows(course: NamedCourse): BenchRow[] {
  return courseRows(course, course.rivals).flatMap(
    ({ planner, phase: { megabitsPerSecond, ...own }, kept, over }) => {
      const name = `${course.name}, at ${megabitsPerSecond}: ${planner}`;
      const { requestsPerSecond } = own.measured;
      const ratioRow = (what: string, { measured, simulated }: Pair): BenchRow => ({
        case: `${name}, ${what}`,
        value: measured,
        unit: '×',
        ratio: simulated / measured,
        ratioTo: `simulated ${simulated.toFixed(2)}`,
      });
      return [
        {
          case: name,
          value: requestsPerSecond,
          unit: 'requests/s',
          ratio: own.simulated / requestsPerSecond,
          ratioTo: `simulated ${own.simulated.toFixed(2)}`,
        },
        ...(kept === null ? [] : [ratioRow('of a plan made for it', kept)]),
        ...[...over].map(([rival, pair]) => ratioRow(`over ${rival}`, pair)),
      ];
    },
  );
}

const pairText = (pair: Pair | null | undefined, digits: number, factor = 1): string =>
  pair === null || pair === undefined
    ? ''
    : `${(factor * pair.measured).toFixed(digits)} (${(factor * pair.simulated).toFixed(digits)})`;

export function courseTable(course: NamedCourse): BenchTable {
  const right = (title: string) => ({ title, align: 'right' }) as const;
  const cellsOf = ({ planner, phase: { megabitsPerSecond, measured, simulated }, kept, over }: CourseRow) => [
    megabitsPerSecond.toFixed(0),
    planner,
    pairText({ measured: measured.requestsPerSecond, simulated }, 2),
    measured.meanBits?.toFixed(2) ?? '',
    pairText(kept, 0, 100),
    ...course.rivals.map((rival) => pairText(over.get(rival), 2)),
  ];
  return {
    title: `${course.name}: measured (simulated)`,
    columns: [
      right('Mbit/s'),
      { title: 'planner', align: 'left' },
      right('requests/s'),
      right('bits'),
      right('% of a plan made for it'),
      ...course.rivals.map((rival) => right(`times ${rival}`)),
    ],
    cells: courseRows(course, course.rivals).map(cellsOf),
  };
}

/** COACH beside what the paper prints, where it does. */
export function courseRemarks(course: NamedCourse): string[] {
  const { kept: printedKept, overJps } = course.printed;
  return courseRows(course, course.rivals).flatMap(
    ({ planner, phase: { megabitsPerSecond }, kept, over }) => {
      const at = course.rates.indexOf(megabitsPerSecond);
      const [goal, times] = [printedKept[at - 1] ?? null, overJps[at] ?? null];
      const parts = [
        ...(goal === null || kept === null
          ? []
          : [`keeps ${pairText(kept, 0, 100)} % of a plan made for it (goal: ${goal})`]),
        ...(times === null
          ? []
          : [...over].map(([rival, pair]) => `${pairText(pair, 2)} times ${rival} (goal: ${times})`)),
      ];
      return parts.length === 0
        ? []
        : [`${course.name}, at ${megabitsPerSecond}: ${planner} ${parts.join(', ')}.`];
    },
  );
}
