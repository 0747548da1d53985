import type { PlannerName } from '@tandem/core';
import type { SeriesPanel } from '../../chart/series-chart.ts';
import {
  type Claim,
  defineClaim,
  exactly,
  type Figure,
  type Findings,
  type ReproduceContext,
  type Tolerance,
} from '../claim.ts';
import { rowOf, type SweepRow, sweep, sweepPanel } from '../coach-sweep.ts';
import {
  type ContenderName,
  contenderNames,
  type EndDevice,
  type Network,
  paceOf,
  planOfSetting,
  problemOfSetting,
  type Setting,
  testbedStandIn,
} from '../coach-testbed.ts';
import { papers } from '../papers.ts';

const where = 'figure 7';
const within: Tolerance = { kind: 'relative', value: 0.2 };

const onNx = (network: Network, megabitsPerSecond: number): Setting => ({
  network,
  device: 'NX',
  megabitsPerSecond,
});
const drawnRates: readonly number[] = [1, 5, 10, 20, 50, 70, 100];
/** The paper names no rate for VGG16: the largest ratio over these is taken. */
const vggRates = drawnRates.map((rate) => onNx('vgg16', rate));

const printed: readonly {
  readonly text: string;
  readonly settings: readonly Setting[];
  readonly ratios: Partial<Readonly<Record<ContenderName, number>>>;
}[] = [
  {
    text: 'resnet-101 at 10 Mbit/s',
    settings: [onNx('resnet-101', 10)],
    ratios: { NS: 6.2, 'JPS, 32 bits': 1.6, 'JPS, 8 bits': 1.6 },
  },
  {
    text: 'resnet-101 at 50 Mbit/s',
    settings: [onNx('resnet-101', 50)],
    ratios: { NS: 4.5, 'JPS, 32 bits': 1.4, 'JPS, 8 bits': 1.4 },
  },
  {
    text: 'vgg16, at most',
    settings: vggRates,
    ratios: { NS: 9.3, SPINN: 3.3, 'JPS, 32 bits': 1.8, 'JPS, 8 bits': 1.8 },
  },
];
const forms = ['COACH, sum', 'COACH, in turn'] as const;

/** Turns between two cuts as JPS has them, but of the convex hull, and with the fewest bits, which JPS does not choose. */
const ours: PlannerName = 'coach-mix';
const devices: readonly EndDevice[] = ['NX', 'TX2'];
const networks: readonly Network[] = ['resnet-101', 'vgg16'];
const goals: readonly Setting[] = networks.flatMap((network) =>
  devices.map((device) => ({ network, device, megabitsPerSecond: 10 })),
);

const placeOf = ({ network, device, megabitsPerSecond }: Setting): string =>
  `${network} on ${device} at ${megabitsPerSecond} Mbit/s`;

export const k11: Claim = defineClaim({
  claim:
    'COACH has 6.2 times the throughput of Neurosurgeon and 1.6 times JPS’s for ResNet-101 at 10 Mbit/s, 4.5 and 1.4 times at 50 Mbit/s; for VGG16 up to 9.3 times Neurosurgeon’s, 3.3 times SPINN’s and 1.8 times JPS’s.',
  paper: papers.coach,
  standIn: `${testbedStandIn} Throughput is that of the simulator when there is always a next request. On NX, where not said otherwise.`,
  figures: Object.fromEntries(entries().map(({ name, figure }) => [name, figure])),
  remarks: ['Offline only: in the paper, precision and early exits adapt to each request.'],
  observed: (findings) => [deviceBound(findings), goalRemark(findings)],
  run: async (context) => {
    const settings = new Set([...printed.flatMap((row) => row.settings), ...goals]);
    const rows = await sweep(distinct([...settings]), context);
    const own = new Map<Setting, number>();
    for (const goal of goals) own.set(goal, await ourPeriod(goal, context));
    return Object.fromEntries(entries().map(({ name, value }) => [name, value(rows, own)]));
  },
  chart: async (context) => {
    const panels: SeriesPanel[] = [];
    for (const network of networks) {
      const settings = drawnRates.map((rate) => onNx(network, rate));
      const rows = await sweep(settings, context);
      panels.push(sweepPanel(`${network} on NX: throughput`, rows, 'requests/s', ({ period }) => 1 / period));
    }
    return { kind: 'series', panels };
  },
});

interface Entry {
  readonly name: string;
  readonly figure: Figure;
  readonly value: (rows: readonly SweepRow[], own: ReadonlyMap<Setting, number>) => number;
}

function entries(): readonly Entry[] {
  return [...ratioEntries(), ...goalEntries()];
}

function ratioEntries(): readonly Entry[] {
  return printed.flatMap(({ text, settings, ratios }) =>
    forms.flatMap((coach) =>
      contenderNames.flatMap((rival): Entry[] => {
        const paper = ratios[rival];
        if (paper === undefined) return [];
        const times = (rows: readonly SweepRow[], setting: Setting): number =>
          periodOf(rows, setting, rival) / periodOf(rows, setting, coach);
        return [
          {
            name: `${text}: ${coach} over ${rival}`,
            figure: { unit: '×', paper, tolerance: within, where },
            value: (rows) => Math.max(...settings.map((setting) => times(rows, setting))),
          },
        ];
      }),
    ),
  );
}

function goalEntries(): readonly Entry[] {
  const unjudged = (unit: string): Figure => ({ unit, paper: null, tolerance: exactly, where });
  return goals.flatMap((goal) => {
    const place = placeOf(goal);
    const best = (rows: readonly SweepRow[]): number =>
      Math.min(...contenderNames.map((name) => periodOf(rows, goal, name)));
    return [
      ...contenderNames.map(
        (name): Entry => ({
          name: `${place}: ${name}`,
          figure: unjudged('requests/s'),
          value: (rows) => 1 / periodOf(rows, goal, name),
        }),
      ),
      {
        name: `${place}: ours`,
        figure: unjudged('requests/s'),
        value: (_, own) => 1 / (own.get(goal) ?? Number.NaN),
      },
      {
        name: `${place}: ours over the best of the papers`,
        figure: unjudged('×'),
        value: (rows, own) => best(rows) / (own.get(goal) ?? Number.NaN),
      },
    ];
  });
}

const periodOf = (rows: readonly SweepRow[], setting: Setting, name: ContenderName): number =>
  rowOf(rows, { ...setting, name }).period;

function distinct(settings: readonly Setting[]): readonly Setting[] {
  return [...new Map(settings.map((setting) => [JSON.stringify(setting), setting])).values()];
}

async function ourPeriod(setting: Setting, context: ReproduceContext): Promise<number> {
  const plan = await planOfSetting(setting, ours, 'period', context);
  return paceOf(problemOfSetting(setting, 'period'), plan);
}

const places = goals.map(placeOf);
const sixBits = 6;

/** Why no single cut comes near what figure 7 prints. */
function deviceBound(findings: Findings): string {
  const [first] = goals;
  if (first === undefined) return '';
  const { graph } = problemOfSetting(first, 'period');
  const elements = graph.inputs.reduce((sum, id) => sum + (graph.tensors[id]?.bytes ?? 0) / 4, 0);
  const carried = (first.megabitsPerSecond * 1e6) / (sixBits * elements);
  const local = findings[`${placeOf(first)}: NS`] ?? Number.NaN;
  const both = findings[`${placeOf(first)}: ours`] ?? Number.NaN;
  return `${placeOf(first)}, Neurosurgeon’s plan answers ${local.toFixed(1)} requests a second, and in ${sixBits} bits the link carries ${carried.toFixed(1)} inputs. Turns between two cuts use device and link at once: ${both.toFixed(1)} a second, where that plan and the link have ${(local + carried).toFixed(1)} in sum.`;
}

function goalRemark(findings: Findings): string {
  const ratios = places.map((place) => {
    const ratio = findings[`${place}: ours over the best of the papers`] ?? Number.NaN;
    return `${ratio.toFixed(2)} (${place})`;
  });
  return `Ours, coach-mix, takes turns between two cuts of the convex hull of device and link times, where JPS takes two that are neighbours, and sends with COACH’s bits: the fewest that cost each request at most the 0.5 % of the answers (by the assumed loss) that all are granted. Times the throughput of the best of the papers’ seven: ${ratios.join(', ')}.`;
}
