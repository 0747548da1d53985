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
import { codecSizes } from './codec-sizes.ts';
import { describeDevice, frequencyHertz, runtimeVersion } from './device-facts.ts';
import { measure, measureCodecs } from './measure.ts';
import { nodeTimes } from './node-times.ts';
import { type CodecSample, type Sample, SampleLog, type SessionSample } from './sample-log.ts';
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
  /** Called after each measurement. */
  readonly onProgress?: (done: number, total: number) => void;
}

interface SessionJob extends Pick<SessionSample, 'threads' | 'pass' | 'segment'> {
  readonly recorded: boolean;
}

interface CodecJob extends Pick<CodecSample, 'pass'> {
  readonly codecElements: readonly number[];
}

type Job = SessionJob | CodecJob;

/**
 * Measures a model on this machine and writes `output`: the whole model, head and tail of every single-tensor cut, every node as
 * ONNX Runtime records it, and codecs on a few of the tensors between. Each session is a process of its own; the passes go through everything in turn, each in an order of its own,
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
  const codecElements = codecSizes(graph);
  const jobs: Job[] = [];
  for (let pass = 0; pass < passes; pass++) {
    if (codecElements.length > 0) jobs.push({ pass, codecElements });
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

function jobKey(job: Job): string {
  if ('codecElements' in job) return `codecs ${job.pass}`;
  return [job.threads, job.pass, job.segment, job.recorded].join(' ');
}

function sampleKey(sample: Sample): string {
  if ('codecs' in sample) return jobKey({ pass: sample.pass, codecElements: [] });
  return jobKey({ ...sample, recorded: sample.nodeSeconds !== null });
}

async function sampleOf(
  job: Job,
  files: SegmentFiles,
  folder: string,
  { graph, signal }: ProfileModelOptions,
): Promise<Sample> {
  if ('codecElements' in job) {
    const { pass, codecElements } = job;
    const codecs = await measureCodecs({ codecElements }, signal);
    return { pass, frequencyHertz: frequencyHertz(), codecs };
  }
  const { recorded, ...conditions } = job;
  const segment = await files.write(job.segment);
  const prefix = join(folder, 'record');
  const profilePrefix = recorded ? prefix : null;
  const measured = await measure({ ...segment, threads: job.threads, profilePrefix }, signal);
  const nodeSeconds = recorded ? await nodeTimes(prefix, graph) : null;
  return { ...conditions, frequencyHertz: frequencyHertz(), ...measured, nodeSeconds };
}
