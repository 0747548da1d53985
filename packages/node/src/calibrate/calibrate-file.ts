import { writeFile } from 'node:fs/promises';
import { type Calibration, inputShapes, type Label, writeCalibration } from '@tandem/core';
import { type CalibrationProgress, calibrateModel } from '@tandem/runtime';
import { ResumableLog } from '../files/resumable-log.ts';
import { runtimeVersion } from '../profile/device-facts.ts';
import type { OpenData } from './calibration-data.ts';
import { restoreRow, type StoredRow, storedRow, storeRow } from './calibration-row.ts';
import { type CalibrationJobOptions, withCalibrationJob } from './with-calibration-job.ts';

export interface CalibrateFileOptions extends CalibrationJobOptions {
  readonly data: OpenData;
  /** By sample. @default the whole model's own answers */
  readonly truths?: readonly Label[] | undefined;
  /** The share of answers that codes and exits may cost together. */
  readonly mostLoss: number;
  /** The finished file; '.part' is added for the measurements of an unfinished one. */
  readonly output: string;
  readonly onProgress?: (progress: CalibrationProgress) => void;
}

/**
 * Calibrates a model on this machine and writes `output`. Resumes where an interrupted call with the same model, data and options
 * stopped. Throws RefusedError when the unfinished file is another calibration's, what the model runtime throws, the signal's reason.
 */
export async function calibrateFile(options: CalibrateFileOptions): Promise<Calibration> {
  const { loaded, graph, cuts, data, truths, mostLoss, output } = options;
  const model = { name: loaded.name, digest: await loaded.digest(), inputs: inputShapes(graph) };
  const { name, samples } = data;
  const digest = data.digest();
  const judgedBy = truths === undefined ? 'agreement' : 'labels';
  const described = { name, digest, samples, judgedBy } as const;
  const names = cuts.map(({ boundary }) => boundary);
  const measured = { model, data: described, mostLoss, cuts: names, truths, runtime: runtimeVersion() };
  // Rows that were kept before the features of several tensors were scaled look like those of today.
  const identity = { ...measured, features: 'scaled' };
  const log = await ResumableLog.open<StoredRow>(`${output}.part`, identity, storedRow);
  const calibrated = await withCalibrationJob(options, (job) =>
    calibrateModel({
      job,
      mostLoss,
      truths,
      known: log.values.flatMap(restoreRow),
      keep: (row) => log.add(storeRow(row)),
      ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    }),
  );
  const calibration: Calibration = { model, data: described, ...calibrated };
  await writeFile(output, writeCalibration(calibration));
  await log.remove();
  return calibration;
}
