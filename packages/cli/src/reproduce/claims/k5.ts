import { type Claim, defineClaim, exactly, type Figure, type Findings, type Tolerance } from '../claim.ts';
import { type SweepRow, sweep, sweepPanel } from '../coach-sweep.ts';
import {
  type ContenderName,
  type EndDevice,
  type Network,
  type Readings,
  requestsPerSecond,
  type Setting,
  testbedStandIn,
} from '../coach-testbed.ts';
import { papers } from '../papers.ts';

const where = 'Table I';

/** 2 to 100 Mbit/s, each so many times the one before. */
const rates: readonly number[] = Array.from({ length: 8 }, (_, at) => 2 * 50 ** (at / 7));

interface Column {
  readonly network: Network;
  readonly device: EndDevice;
}
const columns: readonly Column[] = [
  { network: 'resnet-101', device: 'NX' },
  { network: 'resnet-101', device: 'TX2' },
  { network: 'vgg16', device: 'NX' },
  { network: 'vgg16', device: 'TX2' },
];
const columnText = ({ network, device }: Column): string => `${network} on ${device}`;

/** In milliseconds, by column. */
const printed = {
  NS: [45.16, 62.67, 29.52, 52.73],
  DADS: [38.11, 49.34, 24.38, 39.5],
  SPINN: [22.04, 30.1, 14.03, 19.97],
  JPS: [20.78, 28.31, 12.52, 18.13],
  COACH: [15.63, 19.11, 9.71, 13.37],
} as const;

/** What a contender prints of itself. */
const printedOf: Readonly<Record<ContenderName, readonly number[]>> = {
  NS: printed.NS,
  DADS: printed.DADS,
  SPINN: printed.SPINN,
  'JPS, 32 bits': printed.JPS,
  'JPS, 8 bits': printed.JPS,
  'COACH, sum': printed.COACH,
  'COACH, in turn': printed.COACH,
};

const readings: readonly { readonly key: keyof Readings; readonly text: string }[] = [
  { key: 'alone', text: 'one request' },
  { key: 'sojourn', text: `mean stay at ${requestsPerSecond}/s` },
  { key: 'period', text: '1/throughput' },
];
const jpsForms = ['JPS, 32 bits', 'JPS, 8 bits'] as const;
const coachForms = ['COACH, sum', 'COACH, in turn'] as const;
const rivals = ['NS', 'DADS', 'SPINN', ...jpsForms] as const;

/** What spec sheets and a grid of rates can be expected to hit. */
const within: Tolerance = { kind: 'relative', value: 0.25 };

export const k5: Claim = defineClaim({
  claim:
    'Average latency over 2 to 100 Mbit/s falls in the order Neurosurgeon, DADS, SPINN, JPS, COACH for ResNet-101 and VGG16 on NX and on TX2.',
  paper: papers.coach,
  standIn: `${testbedStandIn} The average is of ${rates.length} rates at equal ratios.`,
  figures: figures(),
  observed: (found) => [orderText(found), leadText(found)],
  remarks: [
    'A latency is read in three ways: of one request on idle devices; from arrival to answer in the mean over 100 requests of a stream at the frame rate that the paper names; the time between two answers when there is always a next request. DADS and JPS change to their plans for streams where their plan for one request cannot keep the pace, and in the last reading.',
    'In 15.63 ms a link of 2 Mbit/s carries 3.9 kB, while every tensor of ResNet-101 before its pooling has more than 18 kB in 6 bits: a mean as low as the printed one needs many answers that do not cross the link, such as the early exits of Table II, which are left out here.',
    'VGG16 has twice the operations of ResNet-101 and, in the paper, two thirds of its time; one share of the peak cannot hit both. The last figure is the one that was fitted.',
  ],
  run: async (context) => {
    return findings(await sweep(settings(), context));
  },
  chart: async (context) => {
    const rows = await sweep(settings(), context);
    const panels = columns.map((column) => {
      const own = rows.filter((row) => isIn(row, column));
      return sweepPanel(`${columnText(column)}: 1/throughput`, own, 'ms', ({ period }) => 1e3 * period);
    });
    return { kind: 'series', panels };
  },
});

const settings = (): readonly Setting[] =>
  columns.flatMap((column) => rates.map((rate) => ({ ...column, megabitsPerSecond: rate })));

/** The mean over the rates, in milliseconds. */
type Mean = (column: Column, name: ContenderName, reading: keyof Readings) => number;

function meanOf(rows: readonly SweepRow[]): Mean {
  return (column, name, reading) => {
    const own = rows.filter((row) => row.name === name && isIn(row, column));
    return (1e3 * own.reduce((sum, row) => sum + row[reading], 0)) / own.length;
  };
}

const isIn = (row: Setting, { network, device }: Column): boolean =>
  row.network === network && row.device === device;

/** Every figure with its name, and how it follows from the means. */
interface Entry {
  readonly name: string;
  readonly figure: Figure;
  readonly value: (mean: Mean) => number;
}

function entries(): readonly Entry[] {
  return [...orderEntries(), ...leadEntries(), ...latencyEntries()];
}

function figures(): Readonly<Record<string, Figure>> {
  return Object.fromEntries(entries().map(({ name, figure }) => [name, figure]));
}

function findings(rows: readonly SweepRow[]): Readonly<Record<string, number>> {
  const mean = meanOf(rows);
  return Object.fromEntries(entries().map(({ name, value }) => [name, value(mean)]));
}

function orderEntries(): readonly Entry[] {
  return readings.flatMap(({ key, text }) =>
    jpsForms.flatMap((jps) =>
      coachForms.map((coach): Entry => {
        const order: readonly ContenderName[] = ['NS', 'DADS', 'SPINN', jps, coach];
        const falls = (mean: Mean, column: Column): boolean =>
          order.every(
            (name, at) => at === 0 || mean(column, name, key) < mean(column, order[at - 1] ?? name, key),
          );
        return {
          name: `${text}, ${jps}, ${coach}: columns in the printed order`,
          figure: { unit: 'columns', paper: columns.length, tolerance: exactly, where },
          value: (mean) => columns.filter((column) => falls(mean, column)).length,
        };
      }),
    ),
  );
}

/** How many times COACH's, geometric mean of the columns. */
function leadEntries(): readonly Entry[] {
  return readings.flatMap(({ key, text }) =>
    rivals.map((rival): Entry => {
      const paper = geometricMean(
        columns.map((_, at) => (printedOf[rival][at] ?? 0) / (printed.COACH[at] ?? 0)),
      );
      return {
        name: `${text}: ${rival} / COACH, in turn`,
        figure: { unit: '×', paper: Number(paper.toFixed(3)), tolerance: within, where },
        value: (mean) =>
          geometricMean(
            columns.map((column) => mean(column, rival, key) / mean(column, 'COACH, in turn', key)),
          ),
      };
    }),
  );
}

/** Of one request; the fitted one last, and not judged. */
function latencyEntries(): readonly Entry[] {
  const names: readonly ContenderName[] = ['NS', 'DADS', 'SPINN', 'JPS, 8 bits', 'COACH, in turn'];
  const all = columns.flatMap((column, at) =>
    names.map((name): Entry => {
      const paper = printedOf[name][at] ?? 0;
      return {
        name: `one request: ${name}, ${columnText(column)}`,
        figure: { unit: 'ms', paper, tolerance: within, where },
        value: (mean) => mean(column, name, 'alone'),
      };
    }),
  );
  const [fitted, ...judged] = all;
  if (fitted === undefined) return [];
  const name = `${fitted.name} (fitted to ${fitted.figure.paper})`;
  return [...judged, { ...fitted, name, figure: { ...fitted.figure, paper: null } }];
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

const inOrder = ': columns in the printed order';

function orderText(found: Findings): string {
  const counts = Object.entries(found).filter(([name]) => name.endsWith(inOrder));
  const whole = counts.filter(([, columnsInOrder]) => columnsInOrder === columns.length);
  const names = whole.map(([name]) => `‘${name.slice(0, -inOrder.length)}’`);
  return `The printed order comes out in all ${columns.length} columns in ${whole.length} of ${counts.length} ways to read latency, bits of JPS and COACH’s objective${whole.length === 0 ? '' : `: ${names.join(', ')}`}. In turn: longest stage, then bubbles, then latency.`;
}

function leadText(found: Findings): string {
  const leads = rivals.map((rival) => {
    const values = readings.map(({ text }) => found[`${text}: ${rival} / COACH, in turn`] ?? Number.NaN);
    return `${rival} ${Math.max(...values).toFixed(2)}`;
  });
  return `The largest mean ratios to COACH, taken in turn, in any reading of latency: ${leads.join('; ')}.`;
}
