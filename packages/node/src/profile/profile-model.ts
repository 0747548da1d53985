import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createRandom,
  type DeviceId,
  type Graph,
  inputShapes,
  type ProfileFile,
  writeProfile,
} from '@tandem/core';
import type { LoadedModel } from '../model/load-model.ts';
import { describeDevice, frequencyHertz, runtimeVersion } from './device-facts.ts';
import { measure } from './measure.ts';
import { nodeTimes } from './node-times.ts';
import { type Sample, SampleLog } from './sample-log.ts';
import { measuredSegments, SegmentFiles } from './segment-files.ts';
import { summarise } from './summarise.ts';

export interface ProfileModelOptions {
  readonly loaded: LoadedModel;
  /** Of the loaded model, batch 1. */
  readonly graph: Graph;
  /** What the cluster file calls this machine. */
  readonly device: DeviceId;
  /** Thread counts. */
  readonly threads: readonly number[];
  readonly passes: number;
  /** The finished file; '.part' is added for the samples of an unfinished one. */
  readonly output: string;
  readonly signal: AbortSignal;
  /** Called after each session. */
  readonly onProgress?: (done: number, total: number) => void;
}

interface Job extends Pick<Sample, 'threads' | 'pass' | 'segment'> {
  readonly recorded: boolean;
}

/**
 * Measures a model on this machine and writes `output`: the whole model, head and tail of every single-tensor cut, and every node as
 * ONNX Runtime records it. Each session is a process of its own; the passes go through everything in turn, each in an order of its own,
 * so that slow moments of the machine spread over all. Resumes where an interrupted call with the same options stopped. Throws
 * RefusedError when the unfinished file is another measurement's, what `ortSession` throws, the signal's reason.
 */
export async function profileModel(options: ProfileModelOptions): Promise<ProfileFile> {
  const { loaded, graph, device, threads, passes, output, signal } = options;
  const digest = await loaded.digest();
  const model = { name: loaded.name, digest, nodes: graph.nodes.length, inputs: inputShapes(graph) };
  const identity = { model, device, runtime: runtimeVersion(), machine: describeDevice(), passes };
  const log = await SampleLog.open(`${output}.part`, { ...identity, threads });
  const folder = await mkdtemp(join(tmpdir(), 'tandem-profile-'));
  try {
    const files = await SegmentFiles.open(folder, loaded.model, graph, signal);
    const jobs = jobsOf(options);
    const known = new Set(log.samples.map(sampleKey));
    for (const [index, job] of jobs.entries()) {
      if (!known.has(jobKey(job))) await log.add(await sampleOf(job, files, folder, options));
      options.onProgress?.(index + 1, jobs.length);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const file: ProfileFile = { ...identity, ...summarise(log.samples, graph) };
  await writeFile(output, writeProfile(file));
  await log.remove();
  return file;
}

function jobsOf({ graph, threads, passes }: ProfileModelOptions): Job[] {
  const segments = measuredSegments(graph);
  const whole = segments[0] ?? '';
  const jobs: Job[] = [];
  for (let pass = 0; pass < passes; pass++) {
    const random = createRandom(pass);
    const order = segments
      .map((segment) => ({ segment, rank: random.next() }))
      .sort((left, right) => left.rank - right.rank);
    for (const count of threads) {
      jobs.push({ threads: count, pass, segment: whole, recorded: true });
      for (const { segment } of order) jobs.push({ threads: count, pass, segment, recorded: false });
    }
  }
  return jobs;
}

const jobKey = ({ threads, pass, segment, recorded }: Job): string =>
  [threads, pass, segment, recorded].join(' ');
const sampleKey = (sample: Sample): string => jobKey({ ...sample, recorded: sample.nodeSeconds !== null });

async function sampleOf(
  { recorded, ...job }: Job,
  files: SegmentFiles,
  folder: string,
  { graph, signal }: ProfileModelOptions,
): Promise<Sample> {
  const segment = await files.write(job.segment);
  const prefix = join(folder, 'record');
  const profilePrefix = recorded ? prefix : null;
  const measured = await measure({ ...segment, threads: job.threads, profilePrefix }, signal);
  const nodeSeconds = recorded ? await nodeTimes(prefix, graph) : null;
  return { ...job, frequencyHertz: frequencyHertz(), ...measured, nodeSeconds };
}
