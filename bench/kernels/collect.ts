import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createRandom, digestBytes, ExecutionError, type Random, stageBoundary } from '@tandem/core';
import { createSha256 } from '@tandem/node';
import { z } from 'zod';
import type { BenchContext } from '../bench.ts';
import { describeMachine } from '../machine.ts';
import { withScratch } from '../models/scratch.ts';
import { weightsBytes, weightsFile } from './little-model.ts';
import { type Network, readNetworks, withoutWeights, writeLight } from './networks.ts';
import { type Subject, type SubjectOptions, subjectsOf } from './subjects.ts';

/** Seconds of every subject by its name. */
export type Pass = Readonly<Record<string, number>>;

export interface Collection {
  readonly subjects: readonly Subject[];
  readonly passes: readonly Pass[];
}

export interface CollectOptions extends SubjectOptions {
  readonly passes: number;
  readonly threads: number;
  /** Names of networks; none = all. */
  readonly networks: readonly string[];
}

/** Jobs of one process: a runtime keeps part of the memory of the sessions that it had. */
const jobsPerProcess = 200;

/**
 * Times everything in `passes` passes, each in an order of its own and in fresh processes, one after another over all subjects, so
 * that slow moments of the machine fall on different ones. Passes are kept under tmp/, by what they measure and where, until they are
 * forgotten by `context.fresh`.
 */
export async function collect(options: CollectOptions, context: BenchContext): Promise<Collection> {
  const networks = await readNetworks(options.networks);
  const subjects = subjectsOf(networks, options);
  const folder = keptFolder(subjects, options.threads);
  if (context.fresh) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const numbers = Array.from({ length: options.passes }, (_, pass) => pass);
  const missing = numbers.filter((pass) => !existsSync(passFile(folder, pass)));
  if (missing.length > 0)
    await withScratch(async (scratch) => {
      context.progress(`writing ${subjects.length} models`);
      const jobs = await writeModels(networks, options, scratch, context.signal);
      for (const pass of missing) {
        context.progress(
          `pass ${pass + 1} of ${options.passes}, ${options.threads} threads, ${jobs.length} models`,
        );
        const times = await measurePass(
          shuffled(jobs, createRandom(pass)),
          scratch,
          options.threads,
          context,
        );
        const unfinished = `${passFile(folder, pass)}.part`;
        writeFileSync(unfinished, JSON.stringify(times));
        renameSync(unfinished, passFile(folder, pass));
      }
    });
  return { subjects, passes: numbers.map((pass) => readPass(passFile(folder, pass))) };
}

const passFile = (folder: string, pass: number): string => join(folder, `pass-${pass}.json`);
const readPass = (path: string): Pass => passSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
const passSchema: z.ZodType<Pass> = z.record(z.string(), z.number().positive());

/** Passes belong together that timed the same things in the same way on the same machine. */
function keptFolder(subjects: readonly Subject[], threads: number): string {
  const { processor, cores, onnxRuntime, node } = describeMachine();
  const how = readFileSync(new URL('./pass-process.ts', import.meta.url), 'utf8');
  const what = subjects.map(({ name }) => name);
  const text = JSON.stringify([processor, cores, onnxRuntime, node, threads, how, what]);
  const key = digestBytes(new TextEncoder().encode(text), createSha256).slice(0, 16);
  return fileURLToPath(new URL(`../../tmp/predict-kernels/${key}`, import.meta.url));
}

interface Job {
  readonly name: string;
  readonly path: string;
  readonly inputs: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

async function writeModels(
  networks: readonly Network[],
  options: SubjectOptions,
  scratch: string,
  signal: AbortSignal,
): Promise<Job[]> {
  await writeFile(join(scratch, weightsFile), randomWeights());
  const light: Network[] = [];
  for (const network of networks) light.push(await withoutWeights(network, scratch, signal));
  const jobs: Job[] = [];
  for (const [index, subject] of subjectsOf(light, options).entries()) {
    signal.throwIfAborted();
    const path = join(scratch, `${index}.onnx`);
    await writeLight(path, subject.model());
    const inputs = stageBoundary(subject.graph, subject.nodes).inputs.flatMap((id) => {
      const tensor = subject.graph.tensors[id];
      return tensor === undefined ? [] : [{ name: tensor.name, shape: tensor.shape }];
    });
    jobs.push({ name: subject.name, path, inputs });
  }
  return jobs;
}

function randomWeights(): Uint8Array {
  const random = createRandom(1);
  const drawn = Float32Array.from({ length: 2 ** 22 }, () => (random.next() - 0.5) / 8);
  const values = new Float32Array(weightsBytes / 4);
  for (let at = 0; at < values.length; at += drawn.length) values.set(drawn, at);
  return new Uint8Array(values.buffer);
}

function shuffled<Value>(values: readonly Value[], random: Random): Value[] {
  return values
    .map((value) => ({ value, rank: random.next() }))
    .sort((left, right) => left.rank - right.rank)
    .map(({ value }) => value);
}

async function measurePass(
  jobs: readonly Job[],
  scratch: string,
  threads: number,
  context: BenchContext,
): Promise<Pass> {
  const times: Record<string, number> = {};
  for (let at = 0; at < jobs.length; at += jobsPerProcess) {
    const file = join(scratch, 'jobs.json');
    writeFileSync(file, JSON.stringify(jobs.slice(at, at + jobsPerProcess)));
    await measureJobs(file, threads, context.signal, (name, seconds) => {
      times[name] = seconds;
    });
    context.progress(`  ${Math.min(jobs.length, at + jobsPerProcess)} of ${jobs.length}`);
  }
  return times;
}

/**
 * glibc keeps freed memory instead of giving it back: else outputs of more than 128 KiB meet fresh pages at moments that the garbage
 * collector chooses. Other C libraries ignore this.
 */
const steadyMemory = { MALLOC_MMAP_THRESHOLD_: String(2 ** 25), MALLOC_TRIM_THRESHOLD_: String(2 ** 40) };

async function measureJobs(
  file: string,
  threads: number,
  signal: AbortSignal,
  onTime: (name: string, seconds: number) => void,
): Promise<void> {
  const script = fileURLToPath(new URL('./pass-process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, file, String(threads)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...steadyMemory },
    signal,
  });
  const exited = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    const [name, seconds] = JSON.parse(line);
    onTime(name, seconds);
  }
  const [status] = await exited;
  if (status !== 0)
    throw new ExecutionError(
      `the timing of kernels ended with ${status}`,
      'See its error output; run again to resume with the next pass.',
    );
}
