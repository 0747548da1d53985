import { setTimeout as sleep } from 'node:timers/promises';
import { seconds, type Trace, type ZooName } from '@tandem/core';
import { systemClock } from '@tandem/node';
import { type Answer, compareOutputs } from '@tandem/runtime';
import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { median } from '../paired.ts';
import { type Agents, openAgents } from '../pipeline/agents.ts';

interface Setting {
  readonly name: string;
  readonly network: ZooName;
  readonly agents: number;
  readonly stagesEach: number;
  /** Copies of what crosses between stages at the gateway, and stages loaded on a second device. */
  readonly standBys: boolean;
  /** No one of them is where a stage ends. */
  readonly progresses: readonly number[];
  /** Devices that are killed in turn: so many behind the one at work, as far as there are. */
  readonly behind: number;
}

const undisturbedSeconds = 2.45;
/** For segments to be sent and loaded a second time. */
const mostStandByMilliseconds = 20_000;
const tenths = Array.from({ length: 9 }, (_, step) => (step + 1) / 10);
const resnet = { network: 'resnet-18', agents: 3, progresses: [0.1, 0.5, 0.9], behind: 2 } as const;
const settings: readonly Setting[] = [
  {
    name: 'cifar-resnet-8, 7 agents',
    network: 'cifar-resnet-8',
    agents: 7,
    stagesEach: 1,
    standBys: false,
    progresses: tenths,
    behind: 1,
  },
  { ...resnet, name: 'resnet-18, 3 agents', stagesEach: 1, standBys: false },
  { ...resnet, name: 'resnet-18, 3 agents of 3 stages, standing by', stagesEach: 3, standBys: true },
];

/** A request one of whose devices is killed on the way: how long it takes from what others hold, and from the inputs. */
export const repair: Bench = {
  title:
    'Killing an agent process while a request runs: going on from the breakpoint against starting from the inputs (COINFER’s breakpoint repair).',
  run: async (context: BenchContext): Promise<BenchResult> => {
    const rows: BenchRow[] = [];
    for (const setting of settings) {
      if (!setting.name.includes(context.only)) continue;
      const savings = await savingsOf(setting, context);
      rows.push(...savings.flatMap((saving) => rowsOf(setting, saving)), ...summary(setting, savings));
    }
    return { rows, remarks };
  },
};

const remarks = [
  `Agent processes on loopback, stages of equal pace, ${undisturbedSeconds} s a request in all. SIGKILL when the share φ of that has passed, once each, of the device at work and of devices behind it. Begun again: that time, and what a request takes that starts as the device is killed (once a device). Both detect the death and give the stages to other devices the same way.`,
  'Saved: of the time from the request to its answer. Reference: φ/(1 + φ), if nothing were lost and nothing took time but stages. Target: 0.8 of the reference, mean over φ and devices; the least over φ is of the mean at each φ. Every answer is compared bit for bit with an undisturbed one.',
  'Standing by (`--standby`): what crosses between stages is copied to the gateway, so that of three stages on one agent only the one at work is lost, and stages are loaded on a second device. Otherwise segments are sent and loaded when the device is lost.',
  'Parts of a repair, from the gateway’s trace: detection from the signal to the loss; what is held, until survivors have said it; placing, the search; weights, until they are there and loaded; checkpoint, until the first stage that is left starts.',
];

interface Parts {
  readonly detection: number;
  readonly held: number;
  readonly placing: number;
  readonly weights: number;
  readonly checkpoint: number;
}

interface Timed {
  readonly seconds: number;
  readonly parts: Parts;
}

interface Saving {
  readonly progress: number;
  readonly victim: number;
  readonly repaired: Timed;
  /** In seconds. */
  readonly restarted: number;
}

const savedBy = ({ repaired, restarted }: Saving): number => 1 - repaired.seconds / restarted;
const referenceAt = (progress: number): number => progress / (1 + progress);
const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

async function savingsOf(setting: Setting, context: BenchContext): Promise<Saving[]> {
  const again = new Map<number, number>();
  const savings: Saving[] = [];
  const expected = await undisturbed(setting, context.signal);
  const take = (share: number, victim: number): Promise<Timed> =>
    timed({ setting, progress: share, victim, expected }, context.signal);
  for (const share of setting.progresses) {
    const atWork = Math.floor(share * setting.agents);
    for (let victim = atWork; victim <= Math.min(atWork + setting.behind, setting.agents - 1); victim++) {
      context.progress(`${setting.name}: d${victim} at ${share}`);
      const fromStart = again.get(victim) ?? (await take(0, victim)).seconds;
      again.set(victim, fromStart);
      const repaired = await take(share, victim);
      const restarted = share * undisturbedSeconds + fromStart;
      savings.push({ progress: share, victim, repaired, restarted });
    }
  }
  return savings;
}

function rowsOf({ name }: Setting, saving: Saving): BenchRow[] {
  const label = `${name}, d${saving.victim} at ${saving.progress}`;
  return [
    { case: `${label}: repaired`, value: saving.repaired.seconds, unit: 's' },
    { case: `${label}: begun again`, value: saving.restarted, unit: 's' },
    { case: `${label}: saved`, value: 100 * savedBy(saving), unit: '%' },
  ];
}

function summary({ name, progresses }: Setting, savings: readonly Saving[]): BenchRow[] {
  const over = (own: readonly Saving[]): number =>
    sum(own.map(savedBy)) / sum(own.map(({ progress }) => referenceAt(progress)));
  const each = progresses.map((progress) => over(savings.filter((saving) => saving.progress === progress)));
  const part = (key: keyof Parts): number =>
    1000 * median(savings.map(({ repaired }) => repaired.parts[key]));
  return [
    { case: `${name}: saved over φ/(1 + φ)`, value: over(savings), unit: '×' },
    { case: `${name}: saved over φ/(1 + φ), the least over φ`, value: Math.min(...each), unit: '×' },
    { case: `${name}: most saved`, value: 100 * Math.max(...savings.map(savedBy)), unit: '%' },
    { case: `${name}: detection, median`, value: part('detection'), unit: 'ms' },
    { case: `${name}: what is held, median`, value: part('held'), unit: 'ms' },
    { case: `${name}: placing, median`, value: part('placing'), unit: 'ms' },
    { case: `${name}: weights, median`, value: part('weights'), unit: 'ms' },
    { case: `${name}: checkpoint, median`, value: part('checkpoint'), unit: 'ms' },
  ];
}

/** The answer when nobody dies. */
async function undisturbed(setting: Setting, signal: AbortSignal): Promise<Answer> {
  return await withAgents(setting, signal, ({ gateway, inputs }) => gateway.request(inputs, { signal }));
}

interface Trial {
  readonly setting: Setting;
  readonly progress: number;
  readonly victim: number;
  readonly expected: Answer;
}

/** A request when a device is killed on the way, or as it starts. */
async function timed({ setting, progress, victim, expected }: Trial, signal: AbortSignal): Promise<Timed> {
  return await withAgents(setting, signal, async ({ gateway, inputs, pids }) => {
    const begin = performance.now();
    const answering = gateway.request(inputs, { signal });
    await Promise.race([answering, sleep(1000 * progress * undisturbedSeconds)]);
    const killedAt = systemClock.now();
    process.kill(pids[victim] ?? 0, 'SIGKILL');
    requireSame(expected, await answering);
    const taken = (performance.now() - begin) / 1000;
    return { seconds: taken, parts: partsOf(await gateway.trace(signal), killedAt) };
  });
}

/** Agents of a trial of their own, which have loaded their stages, those that stand by included. */
async function withAgents<Result>(
  { network, agents: count, stagesEach, standBys }: Setting,
  signal: AbortSignal,
  use: (agents: Agents) => Promise<Result>,
): Promise<Result> {
  const stages = count * stagesEach;
  let standing: () => void = () => undefined;
  const ready = standBys ? new Promise<void>((resolve) => (standing = resolve)) : Promise.resolve();
  const agents = await openAgents({
    network,
    stages,
    stagesEach,
    listen: '127.0.0.1:0',
    codec: { kind: 'raw' },
    paceSeconds: seconds(undisturbedSeconds / stages),
    window: 1,
    repair: { retain: true },
    standBys,
    traced: true,
    log: (line) => void (line.includes('stand by') && standing()),
    signal,
  });
  try {
    await Promise.race([ready, sleep(mostStandByMilliseconds, undefined, { ref: false })]);
    return await use(agents);
  } finally {
    await agents.close();
  }
}

function partsOf({ events }: Trace, killedAt: number): Parts {
  const after = events.filter(({ atSeconds }) => atSeconds >= killedAt);
  const lost = after.find(({ kind }) => kind === 'device-lost');
  const repaired = after.find((event) => event.kind === 'repair-parts');
  const resumed = after.find(
    ({ kind, atSeconds }) => kind === 'stage-start' && atSeconds >= (repaired?.atSeconds ?? Number.NaN),
  );
  if (lost === undefined || repaired?.kind !== 'repair-parts' || resumed === undefined)
    throw new Error('the trace lacks the loss, the repair or the first stage after it');
  return {
    detection: lost.atSeconds - killedAt,
    held: repaired.holdingSeconds,
    placing: repaired.placingSeconds,
    weights: repaired.loadingSeconds,
    checkpoint: resumed.atSeconds - repaired.atSeconds,
  };
}

function requireSame(expected: Answer, answer: Answer): void {
  if (answer.repairs === 0) throw new Error('the device was killed too late: nothing was repaired');
  if (!compareOutputs(expected.outputs, answer.outputs).identical)
    throw new Error('the repaired answer is not that of an undisturbed request');
}
