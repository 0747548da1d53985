import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { canonicalJson, RefusedError, type RowClock } from '@tandem/core';
import { z } from 'zod';
import { errorCode } from '../files/error-code.ts';
import { type MeasuredCodec, measuredCodec } from './measure-messages.ts';

/** What one process measured. */
export type Sample = SessionSample | CodecSample;

export interface CodecSample {
  readonly pass: number;
  readonly frequencyHertz: number | null;
  readonly codecs: readonly MeasuredCodec[];
}

/** One session's measurement. */
export interface SessionSample {
  readonly batch: number;
  readonly threads: number;
  readonly pass: number;
  readonly segment: string;
  readonly frequencyHertz: number | null;
  /** What it was slowed by; absent at the base. */
  readonly clock?: RowClock | undefined;
  readonly loadSeconds: number;
  readonly coldSeconds: number;
  readonly warmSeconds: number;
  readonly memoryBytes: number;
  /** By node id, where the runtime recorded them; null otherwise. */
  readonly nodeSeconds: readonly number[] | null;
}

const quantity = z.number().min(0);
const codecSample: z.ZodType<CodecSample> = z.object({
  pass: z.int().min(0),
  frequencyHertz: quantity.nullable(),
  codecs: z.array(measuredCodec),
});
const share = z.number().gt(0).lt(1);
const clock: z.ZodType<RowClock> = z.union([
  z.object({ kind: z.enum(['pace', 'quota']), share }),
  z.object({ kind: z.literal('level'), hertz: z.number().gt(0) }),
  z.object({ kind: z.literal('mode'), name: z.string() }),
]);
const sessionSample: z.ZodType<SessionSample> = z.object({
  batch: z.int().min(1),
  threads: z.int().min(1),
  pass: z.int().min(0),
  segment: z.string(),
  frequencyHertz: quantity.nullable(),
  clock: clock.optional(),
  loadSeconds: quantity,
  coldSeconds: quantity,
  warmSeconds: quantity,
  memoryBytes: quantity,
  nodeSeconds: z.array(quantity).nullable(),
});

const sample: z.ZodType<Sample> = z.union([sessionSample, codecSample]);

/** Samples in a file of JSON lines, the first of which says what is measured: an interrupted measurement goes on from there. */
export class SampleLog {
  readonly samples: Sample[];
  readonly #path: string;

  private constructor(path: string, samples: Sample[]) {
    this.#path = path;
    this.samples = samples;
  }

  /** Throws RefusedError when the file at `path` belongs to a measurement of something else. */
  static async open(path: string, identity: object): Promise<SampleLog> {
    const header = canonicalJson(identity);
    const lines = (await textOf(path))?.split('\n');
    if (lines === undefined || (lines.length < 2 && header.startsWith(lines[0] ?? ''))) {
      await writeFile(path, `${header}\n`);
      return new SampleLog(path, []);
    }
    if (lines[0] !== header) {
      throw new RefusedError(
        `${path} holds an unfinished measurement of another model, machine, runtime or setting`,
        'Remove it, or give another --output.',
      );
    }
    const samples = lines.slice(1).flatMap((line) => sampleOf(line) ?? []);
    await writeFile(path, [header, ...samples.map((each) => JSON.stringify(each)), ''].join('\n'));
    return new SampleLog(path, samples);
  }

  async add(value: Sample): Promise<void> {
    await appendFile(this.#path, `${JSON.stringify(value)}\n`);
    this.samples.push(value);
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}

/** A line that was cut short by the interruption counts for nothing. */
function sampleOf(line: string): Sample | null {
  try {
    return sample.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
