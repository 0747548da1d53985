import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Cut, digestBytes, ExecutionError } from '@tandem/core';
import { createSha256 } from '@tandem/node';
import type { BenchContext } from '../bench.ts';
import { openModel } from '../models/opened-model.ts';
import { sweepCuts } from './chosen-cuts.ts';
import { type CutEqualities, isHalfPrecision } from './equalities.ts';
import type { Progress } from './progress.ts';
import { hasOverridableWeights } from './reference-model.ts';

export interface SweepResult {
  readonly subject: string;
  readonly half: boolean;
  /** The file lists its weights among its inputs (reference-model.ts). */
  readonly overridable: boolean;
  readonly cuts: readonly CutEqualities[];
}

export interface SweepOptions {
  /** Random cuts of several tensors, beside every single-tensor cut. */
  readonly multiTensor: number;
  readonly seed: number;
  /** Cuts that one process checks before it ends and gives its memory back. */
  readonly cutsPerProcess: number;
}

/** Checks every chosen cut of the model in `file`, those known from an interrupted run excepted. */
export async function sweep(
  subject: string,
  file: string,
  options: SweepOptions,
  progress: Progress,
  context: BenchContext,
): Promise<SweepResult> {
  const { cuts, sizeBytes, ...kind } = chosen(file, options);
  const keys = cuts.map((cut) => cutKey(subject, sizeBytes, cut));
  const pending = cuts
    .map((_, index) => index)
    .filter((index) => progress.find(keys[index] ?? '') === undefined);
  context.progress(`${subject}: ${cuts.length} cuts, ${cuts.length - pending.length} known`);
  for (let at = 0; at < pending.length; at += options.cutsPerProcess) {
    const batch = pending.slice(at, at + options.cutsPerProcess);
    await checkBatch(file, batch, options, context.signal, (index, result) =>
      progress.add(keys[index] ?? '', result),
    );
    context.progress(`${subject}: ${cuts.length - pending.length + at + batch.length} of ${cuts.length}`);
  }
  return { subject, ...kind, cuts: keys.flatMap((key) => progress.find(key) ?? []) };
}

interface Chosen extends Omit<SweepResult, 'subject' | 'cuts'> {
  readonly cuts: readonly Cut[];
  readonly sizeBytes: number;
}

function chosen(file: string, { multiTensor, seed }: SweepOptions): Chosen {
  const opened = openModel(file);
  opened.close();
  const { model, graph, sizeBytes } = opened;
  return {
    cuts: sweepCuts(graph, multiTensor, seed),
    half: isHalfPrecision(graph),
    overridable: hasOverridableWeights(model),
    sizeBytes,
  };
}

const cutKey = (subject: string, sizeBytes: number, cut: Cut): string =>
  digestBytes(new TextEncoder().encode(`${subject}|${sizeBytes}|${cut.nodes.join()}`), createSha256);

async function checkBatch(
  file: string,
  batch: readonly number[],
  { multiTensor, seed }: SweepOptions,
  signal: AbortSignal,
  onResult: (index: number, result: CutEqualities) => void,
): Promise<void> {
  const script = fileURLToPath(new URL('./sweep-process.ts', import.meta.url));
  const numbers = [multiTensor, seed, ...batch].map(String);
  const child = spawn(process.execPath, ['--import', 'tsx', script, file, ...numbers], {
    stdio: ['pipe', 'pipe', 'inherit'],
    signal,
  });
  const exited = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    const { index, result } = JSON.parse(line);
    onResult(index, result);
  }
  const [status] = await exited;
  if (status !== 0)
    throw new ExecutionError(
      `the check of ${file} ended with ${status}`,
      'See its error output; run again to resume.',
    );
}
