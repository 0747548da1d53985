import { readFileSync } from 'node:fs';
import { elementCount } from '@tandem/core';
import { ortSession } from '@tandem/node';

/**
 * Times models one after another, each in a session of its own, and prints [name, seconds] a line. Arguments: a JSON file of jobs and
 * the number of threads. A process of its own, so that a pass meets another layout of memory than the one before.
 */
interface Job {
  readonly name: string;
  readonly path: string;
  readonly inputs: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

const warmUps = 2;
const fewestRuns = 5;
const mostRuns = 3000;
const enoughSeconds = 0.03;
/** The lower quartile of the runs counts: what else the machine does only ever adds time. */
const quartile = 0.25;

const [file = '', threads = '1'] = process.argv.slice(2);
const jobs: Job[] = JSON.parse(readFileSync(file, 'utf8'));
const ended = new AbortController();
process.stdin.resume().on('end', () => ended.abort());

const values = new Map<number, Uint8Array<ArrayBuffer>>();

/** The same values for all inputs of one size, between −1 and 1, without zeros. */
function valuesOf(count: number): Uint8Array<ArrayBuffer> {
  const known = values.get(count);
  if (known !== undefined) return known;
  const made = new Float32Array(count);
  for (let index = 0; index < count; index++) made[index] = (((index * 7919) % 2001) - 1000.5) / 1000;
  values.set(count, new Uint8Array(made.buffer));
  return new Uint8Array(made.buffer);
}

async function time({ path, inputs }: Job): Promise<number> {
  const session = await ortSession({ path }, { name: path, threads: Number(threads) });
  const feeds = inputs.map(({ name, shape }) => {
    const data = valuesOf(elementCount(name, shape));
    return { name, type: 'float32' as const, shape, data };
  });
  for (let run = 0; run < warmUps; run++) await session.run(feeds);
  const times: number[] = [];
  for (let sum = 0; times.length < fewestRuns || (sum < enoughSeconds && times.length < mostRuns); ) {
    const { computeSeconds } = await session.run(feeds);
    times.push(computeSeconds);
    sum += computeSeconds;
  }
  await session.release();
  times.sort((left, right) => left - right);
  return times[Math.floor(quartile * times.length)] ?? Number.NaN;
}

for (const job of jobs) {
  if (ended.signal.aborted) break;
  console.log(JSON.stringify([job.name, await time(job)]));
}
process.exit(ended.signal.aborted ? 1 : 0);
