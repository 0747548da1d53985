import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bitsPerSecond, InvalidInputError, parseTrace, seconds, type TracePoint } from '@tandem/core';

/** Folders of recordings among the test data’s traces/, by the generation of the network. */
const generations = { '3G': 'norway-3g', '4G': 'lumos5g-4G', '5G': 'lumos5g-5G' } as const;
export type Generation = keyof typeof generations;
export const generationNames: readonly Generation[] = Object.keys(generations) as Generation[];

/** How recordings are picked, for readers. */
export const pickText: string = `the first recording of each generation by name and every eighth after it (${Object.values(generations).join(', ')})`;

export interface Recording {
  readonly generation: Generation;
  readonly name: string;
  readonly points: readonly TracePoint[];
}

/** Of each folder, by name, the first and every eighth after it: names begin with how people moved, so that each way is among them. */
const every = 8;

export async function recordingsOf(
  dataFolder: string,
  generation: Generation,
): Promise<readonly Recording[]> {
  const folder = join(dataFolder, 'traces', generations[generation]);
  const names = (await readdir(folder)).sort().filter((_, at) => at % every === 0);
  return await Promise.all(
    names.map(async (name) => {
      const points = parseTrace(await readFile(join(folder, name), 'utf8'), name);
      return { generation, name, points };
    }),
  );
}

/**
 * The first so many seconds of a recording, all rates multiplied by one factor such that their mean over that time is so many Mbit/s. Throws
 * InvalidInputError where nothing passes in that time.
 */
export function excerptOf(
  { name, points }: Recording,
  { untilSeconds, meanMegabits }: { readonly untilSeconds: number; readonly meanMegabits: number },
): readonly TracePoint[] {
  const own = points.filter((point) => point.seconds < untilSeconds);
  const carried = overTime(own, untilSeconds, ({ bitsPerSecond: rate }) => rate);
  if (carried === 0)
    throw new InvalidInputError(
      `the recording ${name} carries nothing in its first ${untilSeconds} s, expected a rate above 0`,
      'Leave it out of the folder.',
    );
  const factor = (1e6 * meanMegabits) / carried;
  return own.map((point) => ({
    seconds: seconds(point.seconds),
    bitsPerSecond: bitsPerSecond(point.bitsPerSecond * factor),
  }));
}

/** The mean of a figure of each point’s rate, by how long it holds. */
export function overTime(
  points: readonly TracePoint[],
  untilSeconds: number,
  figure: (point: TracePoint) => number,
): number {
  const sum = points.reduce((total, point, at) => {
    const end = points[at + 1]?.seconds ?? untilSeconds;
    return total + figure(point) * (end - point.seconds);
  }, 0);
  return sum / untilSeconds;
}
