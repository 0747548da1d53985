import { canonicalJson, createRandom, type Graph, type RowClock } from '@tandem/core';
import { codecSizes } from './codec-sizes.ts';
import type { CodecSample, Sample, SessionSample } from './sample.ts';
import { measuredSegments } from './segment-files.ts';

/** What one process is to measure. */
export type ProfileJob = SessionJob | CodecJob;

export interface SessionJob extends Pick<SessionSample, 'batch' | 'threads' | 'pass' | 'segment'> {
  /** What slows the machine; null at the base. */
  readonly clock: RowClock | null;
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
  /** Beside the base. @default none */
  readonly clocks?: readonly RowClock[];
}

/** Everything that is to be measured: the passes one after another, each in an order of its own. Codecs at the first batch and the base. */
export function profileJobs({ graphs, threads, passes, clocks = [] }: JobOptions): ProfileJob[] {
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
    for (const clock of [null, ...clocks])
      for (const batch of graphs.keys())
        for (const count of threads) {
          const common = { batch, threads: count, pass, clock };
          jobs.push({ ...common, segment: whole, recorded: true });
          for (const { segment } of order) jobs.push({ ...common, segment, recorded: false });
        }
  }
  return jobs;
}

/** Different for different jobs of one profile. */
export function jobKey(job: ProfileJob): string {
  if ('codecElements' in job) return `codecs ${job.pass}`;
  const { batch, threads, pass, segment, recorded, clock } = job;
  return [batch, threads, pass, segment, recorded, canonicalJson(clock)].join(' ');
}

/** The key of the job that gave `sample`. */
export function sampleKey(sample: Sample): string {
  if ('codecs' in sample) return jobKey({ pass: sample.pass, codecElements: [] });
  return jobKey({ ...sample, clock: sample.clock ?? null, recorded: sample.nodeSeconds !== null });
}
