import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Bytes,
  bytes,
  type DeviceId,
  type Graph,
  inputShapes,
  type MeasuredModel,
  type PaceClock,
  type ProfileFile,
  pacedRows,
  quantile,
  writeProfile,
} from '@tandem/core';
import type { ClockControl } from '../clock/clock-control.ts';
import { combinedClocks } from '../clock/combined-clocks.ts';
import { ResumableLog } from '../files/resumable-log.ts';
import type { LoadedModel } from '../model/load-model.ts';
import { describeDevice, frequencyHertz, runtimeVersion } from './device-facts.ts';
import { measure, measureCodecs, measureIdle } from './measure.ts';
import { nodeTimes } from './node-times.ts';
import { jobKey, type ProfileJob, profileJobs, sampleKey } from './profile-jobs.ts';
import { type Sample, sampleSchema } from './sample.ts';
import { SegmentFiles } from './segment-files.ts';
import { summarise } from './summarise.ts';

export interface ProfileModelOptions {
  readonly loaded: LoadedModel;
  /** Of the loaded model, by batch; at least one. */
  readonly graphs: ReadonlyMap<number, Graph>;
  /** What the cluster file calls this machine. */
  readonly device: DeviceId;
  /** Thread counts. */
  readonly threads: readonly number[];
  readonly passes: number;
  /** Measures at each of its clocks too, and restores it at the end. @default the machine as it is found */
  readonly control?: ClockControl;
  /** Speeds to compute rows for from those at the base. @default none */
  readonly paces?: readonly PaceClock[];
  /** The finished file; '.part' is added for the samples of an unfinished one. */
  readonly output: string;
  readonly signal: AbortSignal;
  /** Called after each measurement. */
  readonly onProgress?: (done: number, total: number) => void;
}

const idleProcesses = 3;

/**
 * Measures a model on this machine and writes `output`: the whole model, head and tail of every single-tensor cut, every node as
 * ONNX Runtime records it, each at every clock, codecs on a few of the tensors between, and what an idle agent holds. Each session is a process of its own; the passes go
 * through everything in turn, each in an order of its own, so that slow moments of the machine spread over all. Resumes where an interrupted call with the same options stopped. Throws
 * RefusedError when the unfinished file is another measurement's, what `ortSession` throws, the signal's reason.
 */
export async function profileModel(options: ProfileModelOptions): Promise<ProfileFile> {
  const control = options.control ?? combinedClocks([]);
  try {
    return await measuredFile(options, control);
  } finally {
    await control.restore();
  }
}

async function measuredFile(options: ProfileModelOptions, control: ClockControl): Promise<ProfileFile> {
  const { loaded, graphs, device, threads, passes, output, signal } = options;
  const model = await measuredModel(loaded, graphs);
  const identity = { model, device, runtime: runtimeVersion(), machine: describeDevice(), passes };
  const log = await ResumableLog.open(`${output}.part`, logHeader(identity, threads, control), sampleSchema);
  const folder = await mkdtemp(join(tmpdir(), 'tandem-profile-'));
  try {
    const files = await SegmentFiles.open(folder, loaded.model, graphs, signal);
    const jobs = profileJobs({ ...options, clocks: control.clocks });
    const known = new Set(log.values.map(sampleKey));
    for (const [index, job] of jobs.entries()) {
      if (!known.has(jobKey(job))) await log.add(await sampleOf(job, { files, folder, control }, options));
      options.onProgress?.(index + 1, jobs.length);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const { rows, repeatability } = summarise(log.values, graphs);
  const slowed = (options.paces ?? []).flatMap((clock) => pacedRows(rows, clock));
  const machine = { ...identity.machine, runtimeBytes: await runtimeBytes(signal) };
  const file: ProfileFile = { ...identity, machine, rows: [...rows, ...slowed], repeatability };
  await writeFile(output, writeProfile(file));
  await log.remove();
  return file;
}

/** The median of some processes: garbage may or may not be there. */
async function runtimeBytes(signal: AbortSignal): Promise<Bytes> {
  const held: number[] = [];
  for (let process = 0; process < idleProcesses; process++) held.push(await measureIdle(signal));
  return bytes(Math.round(quantile(held, 0.5)));
}

/** Beside the clocks of a control even the base may be another one than the machine's own. */
function logHeader(identity: object, threads: readonly number[], { clocks }: ClockControl): object {
  return clocks.length === 0 ? { ...identity, threads } : { ...identity, threads, clocks };
}

interface Bench {
  readonly files: SegmentFiles;
  readonly folder: string;
  readonly control: ClockControl;
}

async function measuredModel(
  loaded: LoadedModel,
  graphs: ReadonlyMap<number, Graph>,
): Promise<MeasuredModel> {
  return {
    name: loaded.name,
    digest: await loaded.digest(),
    nodes: Math.max(0, ...[...graphs.values()].map(({ nodes }) => nodes.length)),
    batches: [...graphs].map(([batch, graph]) => ({ batch, inputs: inputShapes(graph) })),
  };
}

async function sampleOf(
  job: ProfileJob,
  { files, folder, control }: Bench,
  { graphs, signal }: ProfileModelOptions,
): Promise<Sample> {
  if ('codecElements' in job) {
    const { pass, codecElements } = job;
    await control.set(null, 1);
    const codecs = await measureCodecs({ codecElements }, signal);
    return { pass, frequencyHertz: frequencyHertz(), codecs };
  }
  const { recorded, clock, ...conditions } = job;
  const paused = clock?.kind === 'quota';
  const segment = await files.write(job.batch, job.segment);
  const prefix = join(folder, 'record');
  const profilePrefix = recorded ? prefix : null;
  await control.set(clock, job.threads);
  const request = { ...segment, threads: job.threads, profilePrefix, paused };
  const measured = await measure(request, signal, (pid) => control.admit(pid));
  const graph = graphs.get(job.batch);
  const nodeSeconds = recorded && graph !== undefined ? await nodeTimes(prefix, graph, paused) : null;
  const slowed = clock === null ? {} : { clock };
  return { ...conditions, frequencyHertz: frequencyHertz(), ...slowed, ...measured, nodeSeconds };
}
