import type { SeriesPanel } from '../../chart/series-chart.ts';
import { type Claim, defineClaim, type Figure, type Findings, type Tolerance } from '../claim.ts';
import { rowOf, type SweepRow, sweep, sweepPanel } from '../coach-sweep.ts';
import {
  type ContenderName,
  type Readings,
  requestsPerSecond,
  type Setting,
  testbedStandIn,
} from '../coach-testbed.ts';
import { papers } from '../papers.ts';

/** How much less time COACH takes, in %. */
const printed: readonly { readonly setting: Setting; readonly ns: number; readonly jps: number }[] = [
  { setting: { network: 'resnet-101', device: 'NX', megabitsPerSecond: 10 }, ns: 72, jps: 38 },
  { setting: { network: 'resnet-101', device: 'NX', megabitsPerSecond: 50 }, ns: 71, jps: 42 },
  { setting: { network: 'vgg16', device: 'NX', megabitsPerSecond: 5 }, ns: 55, jps: 38 },
  { setting: { network: 'vgg16', device: 'NX', megabitsPerSecond: 70 }, ns: 72, jps: 40 },
];

const drawnRates: readonly number[] = [1, 2, 5, 10, 20, 50, 70, 100];

/** Percentage points: what is read off a figure, and what spec sheets can hit. */
const within: Tolerance = { kind: 'absolute', value: 10 };

const rivals = ['NS', 'JPS, 32 bits', 'JPS, 8 bits'] as const;
const forms = ['COACH, sum', 'COACH, in turn'] as const;
const readings: readonly {
  readonly key: keyof Readings;
  readonly text: string;
  readonly isJudged: boolean;
}[] = [
  { key: 'alone', text: 'one request', isJudged: true },
  { key: 'sojourn', text: `mean stay at ${requestsPerSecond}/s`, isJudged: false },
];

export const k10: Claim = defineClaim({
  claim:
    'COACH takes 72 % less time than Neurosurgeon and 38 % less than JPS for ResNet-101 at 10 Mbit/s, 71 and 42 % at 50 Mbit/s; for VGG16 55 and 38 % at 5 Mbit/s, 72 and 40 % at 70 Mbit/s.',
  paper: papers.coach,
  standIn: `${testbedStandIn} On NX; UCF101 is not needed where nothing adapts to it.`,
  figures: Object.fromEntries(entries().map(({ name, figure }) => [name, figure])),
  remarks: [
    'Offline only: the paper’s figure 6 has context-aware precision and early exits at work, which lower bytes and let requests leave on the device; ours has the offline plan alone.',
    'Less than nothing (a negative figure): COACH takes more time. Where the device alone is fastest for one request, the offline plan has nothing to win: one made for a stream, as COACH’s is, makes one request later.',
  ],
  observed: (found) => [laterText(found)],
  run: async (context) => {
    const rows = await sweep(
      printed.map(({ setting }) => setting),
      context,
    );
    return Object.fromEntries(entries().map(({ name, value }) => [name, value(rows)]));
  },
  chart: async (context) => {
    const panels: SeriesPanel[] = [];
    for (const network of ['resnet-101', 'vgg16'] as const) {
      const settings = drawnRates.map(
        (megabitsPerSecond) => ({ network, device: 'NX', megabitsPerSecond }) as const,
      );
      const rows = await sweep(settings, context);
      panels.push(sweepPanel(`${network} on NX: one request`, rows, 'ms', ({ alone }) => 1e3 * alone));
    }
    return { kind: 'series', panels };
  },
});

/** Where one request under COACH's plan comes later than under another. */
function laterText(found: Findings): string {
  const [alone] = readings;
  const judged = Object.entries(found).filter(([name]) => name.startsWith(`${alone?.text}, `));
  const later = judged.filter(([, value]) => value < 0);
  const settings = printed.filter(({ setting }) =>
    later.some(([name]) => name.includes(settingText(setting))),
  );
  const where = settings.map(({ setting }) => settingText(setting)).join(', ');
  return `One request takes more time with COACH in ${later.length} of ${judged.length} comparisons${later.length === 0 ? '' : ` (${where})`}.`;
}

function settingText({ network, megabitsPerSecond }: Setting): string {
  return `${network} at ${megabitsPerSecond} Mbit/s`;
}

interface Entry {
  readonly name: string;
  readonly figure: Figure;
  readonly value: (rows: readonly SweepRow[]) => number;
}

function entries(): readonly Entry[] {
  return readings.flatMap(({ key, text, isJudged }) =>
    printed.flatMap(({ setting, ns, jps }) =>
      forms.flatMap((coach) =>
        rivals.map((rival): Entry => {
          const paper = rival === 'NS' ? ns : jps;
          const where = `figure 6, ${setting.network}`;
          return {
            name: `${text}, ${settingText(setting)}: ${coach} against ${rival}`,
            figure: { unit: '% less', paper: isJudged ? paper : null, tolerance: within, where },
            value: (rows) => less(rows, setting, key, coach, rival),
          };
        }),
      ),
    ),
  );
}

function less(
  rows: readonly SweepRow[],
  setting: Setting,
  key: keyof Readings,
  coach: ContenderName,
  rival: ContenderName,
): number {
  const own = rowOf(rows, { ...setting, name: coach })[key];
  return 100 * (1 - own / rowOf(rows, { ...setting, name: rival })[key]);
}
