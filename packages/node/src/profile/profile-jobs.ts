import { createRandom, type Graph } from '@tandem/core';
import { codecSizes } from './codec-sizes.ts';
import type { CodecSample, Sample, SessionSample } from './sample-log.ts';
import { measuredSegments } from './segment-files.ts';

/** What one process is to measure. */
export type ProfileJob = SessionJob | CodecJob;

export interface SessionJob extends Pick<SessionSample, 'batch' | 'threads' | 'pass' | 'segment'> {
  /** Whether the runtime records its nodes meanwhile. */
  readonly recorded: boolean;
}

export interface CodecJob extends Pick<CodecSample, 'pass'> {
  readonly codecElements: readonly number[];
}

export interface JobOptions {
  /** The same model at each batch. */
  readonly graphs: ReadonlyMap<number, Graph>;
  readonly threads: readonly number[];
  readonly passes: number;
}

/** Everything that is to be measured: the passes one after another, each in an order of its own. Codecs at the first batch. */
export function profileJobs({ graphs, threads, passes }: JobOptions): ProfileJob[] {
  const [graph] = graphs.values();
  if (graph === undefined) return [];
  const segments = measuredSegments(graph);
  const whole = segments[0] ?? '';
  const codecElements = codecSizes(graph);
  const jobs: ProfileJob[] = [];
  for (let pass = 0; pass < passes; pass++) {
    if (codecElements.length > 0) jobs.push({ pass, codecElements });
    const random = createRandom(pass);
    const order = segments
      .map((segment) => ({ segment, rank: random.next() }))
      .sort((left, right) => left.rank - right.rank);
    for (const batch of graphs.keys())
      for (const count of threads) {
        jobs.push({ batch, threads: count, pass, segment: whole, recorded: true });
        for (const { segment } of order) jobs.push({ batch, threads: count, pass, segment, recorded: false });
      }
  }
  return jobs;
}

/** Different for different jobs of one profile. */
export function jobKey(job: ProfileJob): string {
  if ('codecElements' in job) return `codecs ${job.pass}`;
  return [job.batch, job.threads, job.pass, job.segment, job.recorded].join(' ');
}

/** The key of the job that gave `sample`. */
export function sampleKey(sample: Sample): string {
  if ('codecs' in sample) return jobKey({ pass: sample.pass, codecElements: [] });
  return jobKey({ ...sample, recorded: sample.nodeSeconds !== null });
}
