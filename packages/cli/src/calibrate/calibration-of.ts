import { readFile } from 'node:fs/promises';
import {
  type Calibration,
  calibratedOptions,
  type Graph,
  InvalidInputError,
  readCalibration,
} from '@tandem/core';

/**
 * What the file of `--calibration` says of `graph`. Throws InvalidInputError for a file that cannot be read, RefusedError for another
 * model's.
 */
export async function calibrationOf(
  path: string,
  graph: Graph,
): Promise<ReturnType<typeof calibratedOptions>> {
  return calibratedOptions(await readCalibrationFile(path), graph);
}

/** Throws InvalidInputError for a file that cannot be read. */
export async function readCalibrationFile(path: string): Promise<Calibration> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new InvalidInputError(
      `the calibration ${path} cannot be read`,
      'Give a file that `tandem calibrate` wrote.',
      { cause },
    );
  });
  return readCalibration(text);
}
