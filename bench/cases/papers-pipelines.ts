import {
  type Contender,
  type ContenderName,
  contenderNames,
  contenders,
  type Readings,
  requestsPerSecond,
  type Setting,
  testbedStandIn,
} from '../../packages/cli/src/reproduce/coach-testbed.ts';
import type { Bench, BenchContext, BenchResult, BenchRow, BenchTable } from '../bench.ts';
import { openKept } from '../kept-results.ts';
import {
  type ContestLine,
  type ContestOrder,
  contestLine,
  slowMotion,
  streamed,
} from '../papers/contest-lines.ts';
import { mostSlowdown, withPapersTestbed } from '../papers/papers-testbed.ts';
import { requireTestbed } from '../testbed/support.ts';

const megabitsPerSecond = 10;

const slowText = ({ deviceSlowdown }: ContestLine): string =>
  `its device took ${deviceSlowdown.toFixed(2)} times what it should.`;

const settings: readonly Setting[] = (['resnet-101', 'vgg16'] as const).flatMap((network) =>
  (['NX', 'TX2'] as const).map((device) => ({ network, device, megabitsPerSecond })),
);

const readings: readonly { readonly key: keyof Readings; readonly text: string }[] = [
  { key: 'alone', text: 'one request' },
  { key: 'sojourn', text: `mean stay at ${requestsPerSecond}/s` },
  { key: 'period', text: '1/throughput' },
];
const own: readonly ContenderName[] = ['COACH, sum', 'COACH, in turn'];
/** Nobody's paper: it takes turns between two cuts, in COACH's bits. */
const ours = 'coach-mix (ours)';
const tested: ReadonlyMap<string, Contender> = new Map([
  ...contenderNames.map((name) => [name, contenders[name]] as const),
  [ours, { alone: 'coach-mix', streaming: 'coach-mix' }],
]);
/** As the paper prints them, from slow to fast, with the forms that the paper leaves open. */
const orders: readonly (readonly ContenderName[])[] = (['JPS, 32 bits', 'JPS, 8 bits'] as const).flatMap(
  (jps) => own.map((coach) => ['NS', 'DADS', 'SPINN', jps, coach] as const),
);

/** K5 with real processes: the planners' plans on agents over a shaped link, everything slowed down alike, and in the simulator. */
export const papersPipelines: Bench = {
  title:
    'Latency, stay and throughput of the papers’ planners for ResNet-101 and VGG16 at 10 Mbit/s on real agents in slow motion, beside the simulator.',
  run: async (context: BenchContext): Promise<BenchResult> => {
    const { only, fresh, signal } = context;
    requireTestbed();
    const sources = ['bench/papers', 'packages/core/src', 'packages/runtime/src', 'packages/node/src'];
    const kept = openKept<ContestLine>({ name: 'papers-pipelines', sources, fresh });
    const columns: Column[] = [];
    const disbelieved: string[] = [];
    for (const setting of settings) {
      const lines = new Map<string, ContestLine>();
      for (const [contender, asked] of tested) {
        const name = `${nameOf(setting)}, ${contender}`;
        if (!name.includes(only)) continue;
        const line = kept.find(name) ?? (await contest(setting, asked, signal));
        if (line.deviceSlowdown > mostSlowdown) {
          context.progress(`NOT BELIEVED ${name}: ${slowText(line)}`);
          disbelieved.push(`NOT BELIEVED ${name}: ${slowText(line)}`);
          continue;
        }
        kept.add(name, line);
        lines.set(contender, line);
        context.progress(
          `${name}: ${readings.map(({ key, text }) => `${text} ${pair(line, key)}`).join(', ')}`,
        );
      }
      if (lines.size > 0) columns.push({ setting, lines });
    }
    return {
      rows: columns.flatMap(rowsOf),
      tables: columns.map(tableOf),
      remarks: [...remarksOf(columns), ...disbelieved],
    };
  },
};

interface Column {
  readonly setting: Setting;
  readonly lines: ReadonlyMap<string, ContestLine>;
}

const nameOf = ({ network, device }: Setting): string => `${network} on ${device}`;
const milliseconds = (value: number): string => (1000 * value).toFixed(1);
const pair = ({ measured, simulated }: ContestLine, key: keyof Readings): string =>
  `${milliseconds(measured[key])} (${milliseconds(simulated[key])})`;

async function contest(setting: Setting, contender: Contender, signal: AbortSignal): Promise<ContestLine> {
  const program = new URL('../papers/readings-process.ts', import.meta.url);
  const { megabitsPerSecond: rate } = setting;
  return await withPapersTestbed(
    { megabitsPerSecond: rate, slowMotion, program, signal },
    async ({ gateway, reach }) => {
      const order: ContestOrder = { setting, contender, reach };
      return await gateway.ask(order, contestLine);
    },
  );
}

function rowsOf({ setting, lines }: Column): BenchRow[] {
  return [...lines].flatMap(([name, { measured, simulated }]) =>
    readings.map(({ key, text }) => ({
      case: `${nameOf(setting)}, ${name}: ${text}`,
      value: measured[key],
      unit: 's',
      ratio: simulated[key] / measured[key],
      ratioTo: `simulated ${milliseconds(simulated[key])} ms`,
    })),
  );
}

function tableOf({ setting, lines }: Column): BenchTable {
  return {
    title: `${nameOf(setting)}: milliseconds, measured (simulated)`,
    columns: [
      { title: 'planner', align: 'left' },
      ...readings.map(({ text }) => ({ title: text, align: 'right' as const })),
      { title: 'server late by', align: 'right' },
    ],
    cells: [...lines].map(([name, line]) => [
      name,
      ...readings.map(({ key }) => pair(line, key)),
      milliseconds(line.serverLateSeconds),
    ]),
  };
}

function remarksOf(columns: readonly Column[]): string[] {
  const lines = columns.flatMap((column) => [...column.lines.values()]);
  const wrong = lines.filter(({ failed, differing }) => failed + differing > 0).length;
  return [
    testbedStandIn,
    `Slow motion: devices hold their answers until ${slowMotion} times what the paper’s would take, a link of ${(megabitsPerSecond / slowMotion).toFixed(2)} Mbit/s payload (tbf) stands for ${megabitsPerSecond} Mbit/s, arrivals are ${slowMotion} times rarer, and all times are divided by ${slowMotion} again. Streams of ${streamed} requests.`,
    'The server of the paper is faster than one core here by more than that: what the server’s part really took is its time where that is longer. It is a bottleneck nowhere, so it adds to latencies only, by what the last column says.',
    `${wrong} of ${lines.length} contenders had a request that failed or an answer that was not bit for bit the first of its kind.`,
    ...columns
      .filter(({ lines: found }) => [...tested.keys()].every((name) => found.has(name)))
      .map(verdictOf),
  ];
}

/** Which readings have the printed order, and our throughput against the best of the papers'. */
function verdictOf({ setting, lines }: Column): string {
  const of = (name: string, key: keyof Readings): number => lines.get(name)?.measured[key] ?? Number.NaN;
  const inOrder = readings.map(({ key, text }) => {
    const falling = orders.filter((order) =>
      order.every((name, at) => at === 0 || of(name, key) < of(order[at - 1] ?? name, key)),
    );
    return `${text} in ${falling.length} of ${orders.length} forms`;
  });
  const best = contenderNames.reduce((left, right) =>
    of(right, 'period') < of(left, 'period') ? right : left,
  );
  const lead = of(best, 'period') / of(ours, 'period');
  return `${nameOf(setting)}: the printed order, measured: ${inOrder.join(', ')}. ${ours} has ${lead.toFixed(2)} times the throughput of ${best}, the best of the papers’ (goal: 1.3).`;
}
