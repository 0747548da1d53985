import type { CutBits } from '@tandem/core';
import type { CalibrationJob, CalibrationRow } from './calibration-job.ts';
import { walkCuts } from './walk-cuts.ts';

/** So many samples are taken along the network at once. */
const run = 64;

/**
 * What the whole model says of each sample, what crosses each cut (pooled), and what the model says when that is coded in each of `ways`:
 * all that policies at these cuts can be judged by, without running the model again. In no particular order. Throws as `walkCuts` does.
 */
export async function recordCuts(
  job: CalibrationJob,
  ways: readonly CutBits[],
): Promise<readonly CalibrationRow[]> {
  const rows: CalibrationRow[] = [];
  const visits = job.cuts.map((_cut, cut) => ({ cut, withFeatures: true, bits: ways }));
  let next = 0;
  await Promise.all(
    job.executors.map(async (executor) => {
      for (let from = next; from < job.data.samples; from = next) {
        next = Math.min(from + run, job.data.samples);
        for await (const row of walkCuts(job, executor, { from, to: next, whole: true, visits }))
          rows.push(row);
      }
    }),
  );
  return rows;
}
