import {
  chainScenario,
  numberedScenario,
  runScenario,
  type Scenario,
  seconds,
  servingFault,
  TraceMeter,
  traceHeader,
} from '@tandem/core';
import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { median } from '../paired.ts';

const rounds = 5;
const target = 1_000_000;
const plans = 10_000;

interface Subject {
  readonly name: string;
  readonly scenario: Scenario;
  /** Whether metrics are taken on the way. */
  readonly measured: boolean;
}

export const simulate: Bench = {
  title:
    'How many events a second the simulator handles on one core, and how many of 10,000 random plans it serves.',
  run: async (context: BenchContext): Promise<BenchResult> => {
    const rows: BenchRow[] = [];
    for (const subject of subjects()) {
      if (!subject.name.includes(context.only)) continue;
      context.progress(subject.name);
      context.signal.throwIfAborted();
      rows.push(speedOf(subject));
    }
    if (sweepName.includes(context.only)) rows.push(...sweep(context));
    return { rows, remarks };
  },
};

const remarks = [
  `Medians of ${rounds} rounds after one that is not counted. An event is the end of a stage or transfer, an arrival, or a message between schedules.`,
  'Chains: three devices and the links between them at nine tenths of what the slowest manages, 50,000 requests.',
  'Random plans: up to 6 stages on 2 to 4 devices, with branches, stages that come back, replicas, batches, a slow stage, shared media, queues of 1 to 3 and windows of 1 to 8; served = every request answered once, in order where asked for.',
];

const sweepName = 'random plans served';

function subjects(): readonly Subject[] {
  const times = [1, 1, 2, 1, 1];
  const periodic = { kind: 'periodic', seconds: seconds(2 / 0.9), requests: 50_000 } as const;
  const poisson = { kind: 'poisson', perSecond: 0.9 / 2, requests: 50_000 } as const;
  const bounded = { queue: 4, window: 32, waiting: 100_000 };
  return [
    { name: 'periodic arrivals', scenario: chainScenario(times, periodic, bounded), measured: false },
    { name: 'Poisson arrivals', scenario: chainScenario(times, poisson, bounded), measured: false },
    {
      name: 'Poisson arrivals, with metrics',
      scenario: chainScenario(times, poisson, bounded),
      measured: true,
    },
  ];
}

function speedOf({ name, scenario, measured }: Subject): BenchRow {
  const runs = Array.from({ length: rounds + 1 }, () => {
    const meter = new TraceMeter(traceHeader(scenario));
    const begin = performance.now();
    const { events } = runScenario(scenario, measured ? (event) => meter.add(event) : () => undefined);
    return events / ((performance.now() - begin) / 1000);
  });
  const value = median(runs.slice(1));
  return {
    case: name,
    value,
    unit: 'events/s',
    ratioTo: `at least ${target} events/s`,
    ratio: value / target,
  };
}

function sweep(context: BenchContext): readonly BenchRow[] {
  let served = 0;
  for (let seed = 0; seed < plans; seed++) {
    if (seed % 1000 === 0) context.progress(`${sweepName}: ${seed} of ${plans}`);
    context.signal.throwIfAborted();
    const fault = servingFault(numberedScenario(seed), seed);
    if (fault === null) served++;
    else context.progress(`plan ${seed}: ${fault}`);
  }
  return [
    { case: sweepName, value: served, unit: 'plans', ratioTo: `all of ${plans}`, ratio: served / plans },
  ];
}
