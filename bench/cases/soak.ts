import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom, InvalidInputError, type Random, seconds } from '@tandem/core';
import type { StreamItem, TensorValue } from '@tandem/runtime';
import { sameOutputs } from '../../packages/cli/src/run/same-outputs.ts';
import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { type Agents, openAgents } from '../pipeline/agents.ts';

const stages = 3;
const window = 8;
/** So many different inputs go round: an answer to another request is one to another input. */
const inputsInTurn = 7;
const defaultMinutes = 10;
const sampleSeconds = 0.25;
/** Of the time, before memory counts: heaps and code have their size by then. */
const warmUpShare = 0.2;

/** A stream for as long as one likes, whose agents stop dead and whose client dawdles at random. */
export const soak: Bench = {
  title:
    'Ten minutes of streaming (--minutes: more) with agents that stall and a client that dawdles: memory, losses, order.',
  run: async (context: BenchContext): Promise<BenchResult> => {
    const minutes = context.minutes ?? defaultMinutes;
    if (!(minutes > 0))
      throw new InvalidInputError(`--minutes is ${minutes}, expected more than 0`, 'Give a number.');
    const agents = await openAgents({
      network: 'cifar-resnet-8',
      stages,
      listen: '127.0.0.1:0',
      codec: { kind: 'affine', bits: 8, perChannel: false },
      paceSeconds: null,
      window,
      signal: context.signal,
    });
    try {
      const rows: BenchRow[] = [];
      for (const ordered of [true, false]) {
        const name = ordered ? 'in order' : 'as they come';
        if (name.includes(context.only))
          rows.push(...(await stream(name, agents, ordered, minutes / 2, context)));
      }
      return { rows, remarks };
    } finally {
      await agents.close();
    }
  },
};

const remarks = [
  `CIFAR ResNet-8 over ${stages} agent processes on loopback, tensors coded with 8 bits, ${window} requests in flight; half of the time with answers in order, half as they come.`,
  `Meanwhile agents are stopped (SIGSTOP) at random for up to a second, about every five seconds, the client waits at random before it takes an answer and now and then for up to two seconds, and the source is late at random.`,
  `${inputsInTurn} inputs go round; wrong: an answer that is not bit for bit that of its input alone. Lost: items without a result. Memory: resident set, the least of the last fifth of the time over the least of the fifth after the first; target: below 1.05. The least, since between two collections V8 lets garbage lie for as long as there is room: means and medians tell when it last collected, and what leaks stays in every least.`,
];

async function stream(
  name: string,
  { gateway, inputs, pids }: Agents,
  ordered: boolean,
  minutes: number,
  context: BenchContext,
): Promise<BenchRow[]> {
  const { signal } = context;
  const random = createRandom(1).split(name);
  const variants = Array.from({ length: inputsInTurn }, (_, turn) => varied(inputs, random.split(`${turn}`)));
  const expected: (readonly TensorValue[])[] = [];
  for (const variant of variants) expected.push((await gateway.request(variant, { signal })).outputs);
  const end = performance.now() + 60_000 * minutes;
  const over = new AbortController();
  const samples: Samples = { at: [], bytes: new Map() };
  const beside = Promise.all([
    stall(pids, random.split('stalls'), over.signal),
    sample(pids, samples, over.signal),
  ]);
  const counts = { sent: 0, answered: 0, failed: 0, wrong: 0, outOfOrder: 0 };
  const seen = new Set<number>();
  try {
    const items = source(variants, end, random.split('source'), counts);
    let [last, told] = [-1, performance.now()];
    for await (const { index, answer, error } of gateway.stream(items, { window, ordered, signal })) {
      seen.add(index);
      if (index !== last + 1) counts.outOfOrder++;
      last = index;
      if (error !== null) counts.failed++;
      else if (sameOutputs(answer.outputs, expected[index % inputsInTurn] ?? [])) counts.answered++;
      else counts.wrong++;
      await dawdle(random);
      if (performance.now() - told < 10_000) continue;
      told = performance.now();
      context.progress(
        `${name}: ${counts.answered} answers, ${((end - told) / 60_000).toFixed(1)} minutes left`,
      );
    }
  } finally {
    over.abort();
    await beside;
  }
  return rowsOf(name, ordered, { ...counts, lost: counts.sent - seen.size }, samples, minutes);
}

function varied(inputs: readonly TensorValue[], random: Random): TensorValue[] {
  return inputs.map((value) => {
    const numbers = Float32Array.from({ length: value.data.length / 4 }, () => random.next() * 2 - 1);
    return { ...value, data: new Uint8Array(numbers.buffer) };
  });
}

async function* source(
  variants: readonly (readonly TensorValue[])[],
  end: number,
  random: Random,
  counts: { sent: number },
): AsyncGenerator<StreamItem> {
  while (performance.now() < end) {
    if (random.next() < 0.02) await sleep(200 * random.next());
    yield { inputs: variants[counts.sent++ % inputsInTurn] ?? [] };
  }
}

/** Mostly not at all, sometimes a little, now and then long enough for everything before it to fill up. */
async function dawdle(random: Random): Promise<void> {
  const draw = random.next();
  if (draw < 0.001) await sleep(2000 * random.next());
  else if (draw < 0.05) await sleep(20 * random.next());
}

/** Stops one agent at a time for less than what its gateway would take for its end. */
async function stall(pids: readonly number[], random: Random, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    await sleep(10_000 * random.next(), undefined, { signal: over }).catch(() => undefined);
    const pid = pids[random.integer(pids.length)];
    if (over.aborted || pid === undefined) return;
    process.kill(pid, 'SIGSTOP');
    await sleep(1000 * random.next(), undefined, { signal: over }).catch(() => undefined);
    process.kill(pid, 'SIGCONT');
  }
}

interface Samples {
  readonly at: number[];
  readonly bytes: Map<number, number[]>;
}

async function sample(pids: readonly number[], samples: Samples, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    samples.at.push(performance.now());
    for (const pid of [...pids, process.pid]) {
      const list = samples.bytes.get(pid) ?? [];
      samples.bytes.set(pid, list);
      list.push(residentBytes(pid));
    }
    await sleep(1000 * sampleSeconds, undefined, { signal: over }).catch(() => undefined);
  }
}

const pageBytes = 4096;

function residentBytes(pid: number): number {
  return pageBytes * Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
}

interface Counts {
  readonly sent: number;
  readonly answered: number;
  readonly failed: number;
  readonly wrong: number;
  readonly outOfOrder: number;
  readonly lost: number;
}

function rowsOf(
  name: string,
  ordered: boolean,
  counts: Counts,
  samples: Samples,
  minutes: number,
): BenchRow[] {
  const { sent, answered, failed, wrong, outOfOrder, lost } = counts;
  const row = (what: string, value: number): BenchRow => ({
    case: `${name}: ${what}`,
    value,
    unit: 'requests',
  });
  return [
    row(`handed in within ${seconds(60 * minutes)} s`, sent),
    row('answered', answered),
    row('lost', lost),
    row('failed', failed),
    row('wrong', wrong),
    ...(ordered ? [row('out of order', outOfOrder)] : []),
    ...[...samples.bytes.values()].map((bytes, at) => memoryRow(name, at, bytes)),
  ];
}

function memoryRow(name: string, at: number, bytes: readonly number[]): BenchRow {
  const least = (from: number, to: number): number =>
    Math.min(...bytes.slice(Math.floor(from * bytes.length), Math.ceil(to * bytes.length)));
  const [first, last] = [least(warmUpShare, 2 * warmUpShare), least(1 - warmUpShare, 1)];
  const who = at < stages ? `agent ${at}` : 'gateway and bench';
  return {
    case: `${name}: memory of ${who}`,
    value: last / 1e6,
    unit: 'MB',
    ratio: last / first,
    ratioTo: `${(first / 1e6).toFixed(1)} MB earlier`,
  };
}
