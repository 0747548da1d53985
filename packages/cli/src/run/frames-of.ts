import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { createRandom, InvalidInputError } from '@tandem/core';
import type { FrameOrder } from '../flags.ts';

const pictures: ReadonlySet<string> = new Set(['.jpg', '.jpeg', '.png', '.bmp']);
/** Frames of one piece of an order of runs. */
const runLength = 20;
const seed = 1;

/** The pictures of a folder, by name or in an order that is the same each time. Throws InvalidInputError where there are none. */
export async function framesOf(folder: string, order: FrameOrder): Promise<string[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new InvalidInputError(`the folder ${folder} cannot be read`, 'Give a folder of pictures.', {
      cause,
    });
  });
  const frames = names.filter((name) => pictures.has(extname(name).toLowerCase())).toSorted();
  if (frames.length === 0) {
    throw new InvalidInputError(
      `the folder ${folder} has no pictures, expected files ending in ${[...pictures].join(', ')}`,
      'Give a folder of pictures.',
    );
  }
  return inOrder(frames, order).map((name) => join(folder, name));
}

/** Runs are pieces of 20 frames that follow each other. */
export function inOrder(frames: readonly string[], order: FrameOrder): string[] {
  if (order === 'ordered') return [...frames];
  const length = order === 'shuffled' ? 1 : runLength;
  const runs: (readonly string[])[] = [];
  for (let start = 0; start < frames.length; start += length) runs.push(frames.slice(start, start + length));
  const random = createRandom(seed);
  for (let last = runs.length - 1; last > 0; last--) {
    const other = random.integer(last + 1);
    const [run = [], swapped = []] = [runs[last], runs[other]];
    runs[last] = swapped;
    runs[other] = run;
  }
  return runs.flat();
}
