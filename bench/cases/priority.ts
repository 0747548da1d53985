import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom, errorRecord, type Random, seconds } from '@tandem/core';
import type { Gateway, TensorValue } from '@tandem/runtime';
import { sameOutputs } from '../../packages/cli/src/run/same-outputs.ts';
import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { median, quantile } from '../paired.ts';
import { AgentProcesses } from '../pipeline/agent-processes.ts';
import { deployStaged } from '../pipeline/agents.ts';

const stages = 4;
const stageSeconds = 0.02;
/** Requests a second that the stages can do. */
const capacity = 1 / stageSeconds;
/** Of the capacity, what comes. */
const loads = { high: 0.5, low: 1.5 } as const;
const roundSeconds = 40;
const rounds = 3;
const target = 1.2;
/** Enough for every stage to have work, and little to wait for. */
const lowWindow = stages + 1;
const lowWaiting = 8;

/** Versions of the deployed plan. */
const classes = { low: { version: 1, priority: 0 }, high: { version: 2, priority: 1 } } as const;
type Class = keyof typeof classes;

/** Two models deployed together, one of which matters more, and twice the requests that the devices can answer. */
export const priority: Bench = {
  title: `Twice as many requests as ${stages} agents can answer, in two classes: the 99th percentile of the one that matters against when it is alone.`,
  run: async (context: BenchContext): Promise<BenchResult> => {
    const { signal } = context;
    const processes = await AgentProcesses.start({ count: stages, listen: '127.0.0.1:0', signal });
    try {
      const gateway = await processes.connect({ signal });
      try {
        const inputs = await deployBoth(gateway, processes.devices, signal);
        const desk = { gateway, inputs, expected: await expectedOf(gateway, inputs, signal), signal };
        const [alone, loaded]: [Outcomes[], Outcomes[]] = [[], []];
        for (let round = 0; round < rounds; round++) {
          context.progress(
            `round ${round + 1} of ${rounds}: ${roundSeconds} s alone, as long with the low class`,
          );
          const random = createRandom(round + 1);
          alone.push(await arrive(['high'], random.split('arrivals'), desk));
          loaded.push(await arrive(['high', 'low'], random.split('arrivals'), desk));
        }
        return { rows: rowsOf(alone, loaded), remarks };
      } finally {
        await gateway.close();
      }
    } finally {
      await processes.stop();
    }
  },
};

const remarks = [
  `CIFAR ResNet-8 in ${stages} stages, each paced to ${1000 * stageSeconds} ms on a process of its own on loopback, deployed twice: for requests of priority 1, which come ${loads.high * capacity} times a second, and of priority 0, ${loads.low * capacity} times, both at random (Poisson), by a clock and not by answers. The devices can answer ${capacity} a second. Of the low class ${lowWindow} are in flight and ${lowWaiting} wait at most.`,
  `Alone: the same arrivals of the high class without the other, ${rounds} rounds of ${roundSeconds} s each in turn. Latency: from when a request was to come to its answer; percentiles over all rounds. Target: at most ${target} times. A stage that has begun is not interrupted, so that a request may wait for the rest of one.`,
  'Every answer is compared bit for bit with an undisturbed one. Shed: refused with a ResourceError that says how many are in flight and wait; anything else that is not an answer counts as another failure.',
];

interface Desk {
  readonly gateway: Gateway;
  readonly inputs: readonly TensorValue[];
  readonly expected: readonly TensorValue[];
  readonly signal: AbortSignal;
}

async function deployBoth(
  gateway: Gateway,
  devices: readonly string[],
  signal: AbortSignal,
): Promise<readonly TensorValue[]> {
  const common = {
    network: 'cifar-resnet-8',
    codec: { kind: 'raw' },
    paceSeconds: seconds(stageSeconds),
    signal,
  } as const;
  await deployStaged(gateway, devices, {
    ...common,
    ...classes.low,
    window: lowWindow,
    waiting: lowWaiting,
  });
  return await deployStaged(gateway, devices, { ...common, ...classes.high, window: 32 });
}

async function expectedOf(
  gateway: Gateway,
  inputs: readonly TensorValue[],
  signal: AbortSignal,
): Promise<readonly TensorValue[]> {
  return (await gateway.request(inputs, { version: classes.high.version, signal })).outputs;
}

/** How the requests of each class ended. */
type Outcomes = Readonly<Record<Class, Outcome[]>>;

interface Outcome {
  readonly how: 'answered' | 'wrong' | 'shed' | 'failed';
  readonly seconds: number;
  readonly message: string;
}

/** Requests come when they are due, however many are under way. The same random gives a class the same arrivals. */
async function arrive(present: readonly Class[], random: Random, desk: Desk): Promise<Outcomes> {
  const outcomes: Outcomes = { high: [], low: [] };
  const start = performance.now() / 1000;
  const arriving = present.map(async (of) => {
    const own = random.split(of);
    const open: Promise<void>[] = [];
    for (let due = 0; ; ) {
      due -= Math.log(1 - own.next()) / (loads[of] * capacity);
      if (due > roundSeconds) break;
      const wait = start + due - performance.now() / 1000;
      if (wait > 0) await sleep(1000 * wait, undefined, { signal: desk.signal });
      open.push(ask(of, start + due, desk).then((outcome) => void outcomes[of].push(outcome)));
    }
    await Promise.all(open);
  });
  await Promise.all(arriving);
  return outcomes;
}

async function ask(of: Class, dueAt: number, { gateway, inputs, expected, signal }: Desk): Promise<Outcome> {
  const ended = (how: Outcome['how'], message = ''): Outcome => ({
    how,
    message,
    seconds: performance.now() / 1000 - dueAt,
  });
  try {
    const { outputs } = await gateway.request(inputs, { version: classes[of].version, signal });
    return ended(sameOutputs(outputs, expected) ? 'answered' : 'wrong');
  } catch (error) {
    signal.throwIfAborted();
    const { name, message } = errorRecord(error);
    return ended(name === 'ResourceError' ? 'shed' : 'failed', message);
  }
}

function rowsOf(alone: readonly Outcomes[], loaded: readonly Outcomes[]): BenchRow[] {
  const before = alone.flatMap(({ high }) => high);
  const high = loaded.flatMap((outcomes) => outcomes.high);
  const low = loaded.flatMap((outcomes) => outcomes.low);
  const worst = quantile(latencies(before), 0.99);
  const loadedWorst = quantile(latencies(high), 0.99);
  const took = rounds * roundSeconds;
  return [
    { case: 'arrivals over capacity', value: (high.length + low.length) / (took * capacity), unit: '×' },
    ...classRows('high alone', before),
    { case: 'high alone: 99th percentile', value: worst, unit: 's' },
    ...classRows('high', high),
    {
      case: 'high: 99th percentile',
      value: loadedWorst,
      unit: 's',
      ratioTo: 'high alone: 99th percentile',
      ratio: loadedWorst / worst,
    },
    ...classRows('low', low),
    { case: 'answers over capacity', value: (answered(high) + answered(low)) / (took * capacity), unit: '×' },
  ];
}

function classRows(name: string, outcomes: readonly Outcome[]): BenchRow[] {
  const count = (how: Outcome['how']): number => outcomes.filter((outcome) => outcome.how === how).length;
  const row = (what: string, value: number): BenchRow => ({
    case: `${name}: ${what}`,
    value,
    unit: 'requests',
  });
  return [
    row('sent', outcomes.length),
    row('answered right', count('answered')),
    row('wrong', count('wrong')),
    row('shed', count('shed')),
    row('other failures', count('failed')),
    { case: `${name}: median`, value: median(latencies(outcomes)), unit: 's' },
  ];
}

const answered = (outcomes: readonly Outcome[]): number =>
  outcomes.filter(({ how }) => how === 'answered').length;

const latencies = (outcomes: readonly Outcome[]): number[] =>
  outcomes.filter(({ how }) => how === 'answered').map((outcome) => outcome.seconds);
