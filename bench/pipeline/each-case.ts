import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { requireTestbed } from '../testbed/support.ts';
import { type PipelineCase, readPipelineCase } from './pipeline-case.ts';

export interface CaseFile {
  readonly own: PipelineCase;
  readonly path: string;
}

/**
 * What `measure` says of the folder's cases whose names contain `only`, one after the other, by file name. Throws RefusedError where there
 * can be no testbed.
 */
export async function eachCase(
  folder: string,
  context: BenchContext,
  measure: (file: CaseFile) => Promise<BenchResult>,
): Promise<BenchResult> {
  const { only, signal } = context;
  requireTestbed();
  const rows: BenchRow[] = [];
  const remarks: string[] = [];
  for (const file of (await readdir(folder)).sort()) {
    const path = join(folder, file);
    const own = await readPipelineCase(path);
    if (!own.name.includes(only)) continue;
    signal.throwIfAborted();
    const result = await measure({ own, path });
    for (const { case: what, value, unit, ratio } of result.rows)
      context.progress(`${what}: ${value.toPrecision(4)} ${unit} ${ratio?.toFixed(3) ?? ''}`);
    for (const remark of result.remarks) context.progress(remark);
    rows.push(...result.rows);
    remarks.push(...result.remarks);
  }
  return { rows, remarks };
}
