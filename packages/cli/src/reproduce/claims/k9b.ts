import { distributionOf } from '@tandem/core';
import { type Claim, defineClaim, exactly, type Figure, type Findings } from '../claim.ts';
import { envelopeText } from '../coach-envelope.ts';
import { type CoachForm, coachNames } from '../coach-forms.ts';
import { onlineStandIn } from '../coach-testbed.ts';
import { papers } from '../papers.ts';
import {
  excerptSeconds,
  type RecordedCourse,
  type RecordedRow,
  recordedCourses,
  studyRecordings,
} from '../recorded-study.ts';
import { type Generation, generationNames, pickText } from '../recordings.ts';

const where = 'Fig. 5 and its section';

/** What the paper prints of a link that has a rate all the time, by our excerpts’ mean: in % kept, and times JPS. */
const printed: Readonly<Record<number, { readonly kept: number | null; readonly overJps: number }>> = {
  10: { kept: 88, overJps: 1.4 },
  5: { kept: 85, overJps: 1.6 },
  50: { kept: null, overJps: 1.2 },
};

interface Entry {
  readonly name: string;
  readonly figure: Figure;
  /** Of each recording. */
  readonly value: (row: RecordedRow) => number;
  readonly isOf: (row: RecordedRow) => boolean;
}

const entries: readonly Entry[] = recordedCourses.flatMap((course) =>
  generationNames.flatMap((generation) => coachNames.flatMap((form) => entriesOf(course, generation, form))),
);

export const k9b: Claim = defineClaim({
  claim:
    'Also where a 3G, 4G or 5G network moves the rate, COACH’s plan for 20 Mbit/s keeps 88 % at 10 and 85 % at 5 Mbit/s of what a plan made for each rate would reach, and has 1.4 and 1.6 times the throughput of JPS; its plan for 100 Mbit/s, at 50, 1.2 times.',
  paper: papers.coach,
  standIn: `${onlineStandIn} On NX. Recordings of real networks in place of the paper’s steps, which print no such figures: ${pickText}, of each the first ${excerptSeconds} s, its rates multiplied by one factor so that their mean is the rate that is named. Simulated, always a next request. Bits are chosen from what transfers took, as agents choose them, between the fewest that the assumed loss grants and 8, where the plan cuts inside the network; no request leaves early. Oracle: at each moment the fastest, with the fewest bits, of the planner’s plans for the first rate and for ${envelopeText}, changed in no time.`,
  needsData: true,
  figures: Object.fromEntries(entries.map(({ name, figure }) => [name, figure])),
  observed: (findings) => coachNames.map((form) => sentence(form, findings)),
  remarks: [
    'Each figure is the median of the recordings of a generation.',
    'Without adaptation: the same plan with the bits that it states. With replanning (not the paper’s): the gateway changes between the oracle’s plans by what it sees of the link, as that of `tandem run --adapt` does; more requests come than can be answered.',
    'A plan that sends the input decides nothing: it goes as the link does.',
  ],
  run: async ({ dataFolder, ...context }) => {
    const rows = await studyRecordings(dataFolder ?? '', context);
    return Object.fromEntries(
      entries.map(({ name, value, isOf }) => [
        name,
        distributionOf(rows.filter(isOf).map(value))?.p50 ?? Number.NaN,
      ]),
    );
  },
});

function entriesOf(course: RecordedCourse, generation: Generation, form: CoachForm): readonly Entry[] {
  const { network, from, mean } = course;
  const { kept = null, overJps = null } = printed[mean] ?? {};
  const isOf = (row: RecordedRow): boolean =>
    row.network === network &&
    row.from === from &&
    row.mean === mean &&
    row.generation === generation &&
    row.form === form;
  const named = (what: string): string =>
    `${network} from ${from}, ${generation} at ${mean} Mbit/s: ${form}, ${what}`;
  const ofOracle = (what: string, paper: number | null, value: Entry['value']): Entry => ({
    name: named(what),
    figure: { unit: '%', paper, tolerance: paper === null ? exactly : { kind: 'at-least' }, where },
    value: (row) => (100 * value(row)) / row.oracle,
    isOf,
  });
  return [
    ofOracle('of the oracle', kept, ({ adapted }) => adapted),
    ofOracle('without adaptation, of the oracle', null, ({ fixed }) => fixed),
    ofOracle('with replanning, of the oracle', null, ({ replanned }) => replanned),
    {
      name: named('over JPS, 8 bits'),
      figure: { unit: '×', paper: overJps, tolerance: { kind: 'relative', value: 0.2 }, where },
      value: ({ adapted, jps }) => adapted / jps,
      isOf,
    },
  ];
}

function sentence(form: CoachForm, findings: Findings): string {
  const of = (what: string): readonly number[] =>
    Object.entries(findings).flatMap(([name, value]) => (name.endsWith(`: ${form}, ${what}`) ? [value] : []));
  const range = (what: string, digits: number): string => {
    const values = of(what);
    return `${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)}`;
  };
  return `${form}: ${range('of the oracle', 0)} % of the oracle, without adaptation ${range('without adaptation, of the oracle', 0)} %, with replanning ${range('with replanning, of the oracle', 0)} %; over JPS at 8 bits ${range('over JPS, 8 bits', 2)} times.`;
}
