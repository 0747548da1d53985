import { createRandom, InvalidInputError } from '@tandem/core';
import { type CalibrationDataOptions, openCalibrationData } from '@tandem/node';
import type { TensorValue } from '@tandem/runtime';
import type { FrameOrder } from '../flags.ts';

/** What is streamed, in its order. */
export interface Frames {
  readonly count: number;
  read(frame: number): Promise<readonly TensorValue[]>;
}

/** Frames of one piece of an order of runs. */
const runLength = 20;
const seed = 1;

/**
 * The samples of a folder or of a file of records, as they are named or in an order that is the same each time. Throws InvalidInputError
 * where there are none.
 */
export async function framesOf(options: CalibrationDataOptions, order: FrameOrder): Promise<Frames> {
  const data = await openCalibrationData(options);
  if (data.samples === 0) {
    throw new InvalidInputError(
      `${options.path} holds no frames`,
      'Give a folder of .jpg, .png, .bmp or .npy files, or a file of CIFAR records.',
    );
  }
  const { places } = data;
  const named = [...places.keys()].toSorted((one, other) => (places[one] ?? 0) - (places[other] ?? 0));
  const frames = inOrder(named, order);
  return { count: frames.length, read: async (frame) => await data.read(frames[frame] ?? 0) };
}

/** Runs are pieces of 20 frames that follow each other. */
export function inOrder<Frame>(frames: readonly Frame[], order: FrameOrder): Frame[] {
  if (order === 'ordered') return [...frames];
  const length = order === 'shuffled' ? 1 : runLength;
  const runs: (readonly Frame[])[] = [];
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
