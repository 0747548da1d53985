import { setTimeout as sleep } from 'node:timers/promises';
import { seconds } from '@tandem/core';
import { type Answer, compareOutputs } from '@tandem/runtime';
import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { openAgents } from '../pipeline/agents.ts';

/** No tenth of the time is where one of them ends. */
const stages = 7;
const stageSeconds = 0.35;
const undisturbedSeconds = stages * stageSeconds;
const progresses = Array.from({ length: 9 }, (_, step) => (step + 1) / 10);
/** Behind the stage that runs when a device is killed. */
const victims = { 'the device at work': 0, 'the next device': 1 } as const;

/** A request one of whose devices is killed on the way: how long it takes from what survivors hold, and from the inputs. */
export const repair: Bench = {
  title: `Killing one of ${stages} agent processes while a request runs: going on from what others hold against starting from the inputs.`,
  run: async (context: BenchContext): Promise<BenchResult> => {
    const rows: BenchRow[] = [];
    const all: Saving[] = [];
    for (const [name, behind] of Object.entries(victims)) {
      const savings: Saving[] = [];
      for (const progress of progresses) {
        const victim = Math.floor(progress * stages) + behind;
        const label = `${name}, at ${progress}`;
        if (victim >= stages || !label.includes(context.only)) continue;
        context.progress(label);
        const repaired = await timed(progress, victim, context.signal);
        const again = await timed(0, victim, context.signal);
        const restarted = progress * undisturbedSeconds + again;
        savings.push({ progress, repaired, restarted });
      }
      all.push(...savings);
      rows.push(...savings.flatMap((saving) => rowsOf(name, saving)), ...summary(name, savings));
    }
    return { rows: [...rows, ...summary('both', all)], remarks };
  },
};

const remarks = [
  `CIFAR ResNet-8 in ${stages} stages, each paced to ${stageSeconds * 1000} ms on a process of its own on loopback; SIGKILL when the share φ of the undisturbed time has passed, once each. Begun again: that time, and what a request takes that starts as the device is killed. Both detect the death and give the stage to another device the same way; its segment is sent there and a session opened.`,
  'Saved: of the time from the request to its answer. Reference: φ/(1 + φ), if nothing were lost and nothing took time but stages; a stage of which a part is done begins again, a seventh of the work at most. Target: 0.8 of the reference, mean over φ and devices. Every answer is compared bit for bit with an undisturbed one.',
];

interface Saving {
  readonly progress: number;
  /** In seconds. */
  readonly repaired: number;
  readonly restarted: number;
}

const savedBy = ({ repaired, restarted }: Saving): number => 1 - repaired / restarted;
const referenceAt = (progress: number): number => progress / (1 + progress);

function rowsOf(name: string, saving: Saving): BenchRow[] {
  const label = `${name}, at ${saving.progress}`;
  return [
    { case: `${label}: repaired`, value: saving.repaired, unit: 's' },
    { case: `${label}: begun again`, value: saving.restarted, unit: 's' },
    { case: `${label}: saved`, value: 100 * savedBy(saving), unit: '%' },
  ];
}

function summary(name: string, savings: readonly Saving[]): BenchRow[] {
  if (savings.length === 0) return [];
  const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
  const reference = sum(savings.map(({ progress }) => referenceAt(progress)));
  return [
    { case: `${name}: saved over φ/(1 + φ)`, value: sum(savings.map(savedBy)) / reference, unit: '×' },
    { case: `${name}: most saved`, value: 100 * Math.max(...savings.map(savedBy)), unit: '%' },
  ];
}

/** Seconds from a request to its answer when a device is killed on the way, or as it starts. */
async function timed(progress: number, victim: number, signal: AbortSignal): Promise<number> {
  const agents = await openAgents({
    network: 'cifar-resnet-8',
    stages,
    listen: '127.0.0.1:0',
    codec: { kind: 'raw' },
    paceSeconds: seconds(stageSeconds),
    window: 1,
    repair: { retain: true },
    signal,
  });
  try {
    const { gateway, inputs, pids } = agents;
    const undisturbed = await gateway.request(inputs, { signal });
    const begin = performance.now();
    const answering = gateway.request(inputs, { signal });
    await Promise.race([answering, sleep(1000 * progress * undisturbedSeconds)]);
    process.kill(pids[victim] ?? 0, 'SIGKILL');
    requireSame(undisturbed, await answering);
    return (performance.now() - begin) / 1000;
  } finally {
    await agents.close();
  }
}

function requireSame(undisturbed: Answer, answer: Answer): void {
  if (answer.repairs === 0) throw new Error('the device was killed too late: nothing was repaired');
  if (!compareOutputs(undisturbed.outputs, answer.outputs).identical)
    throw new Error('the repaired answer is not that of an undisturbed request');
}
