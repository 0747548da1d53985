import { readFile } from 'node:fs/promises';
import { calibratedOptions, type Graph, InvalidInputError, readCalibration } from '@tandem/core';

/**
 * What the file of `--calibration` says of `graph`. Throws InvalidInputError for a file that cannot be read, RefusedError for another
 * model's.
 */
export async function calibrationOf(
  path: string,
  graph: Graph,
): Promise<ReturnType<typeof calibratedOptions>> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new InvalidInputError(
      `the calibration ${path} cannot be read`,
      'Give a file that `tandem calibrate` wrote.',
      { cause },
    );
  });
  return calibratedOptions(readCalibration(text), graph);
}
