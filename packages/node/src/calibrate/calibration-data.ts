import { opendir, stat } from 'node:fs/promises';
import { basename, extname, join, relative } from 'node:path';
import { type Graph, InvalidInputError, type Label } from '@tandem/core';
import type { SampleSource } from '@tandem/runtime';
import { createSha256 } from '../digest/sha256.ts';
import { readBounded } from '../files/read-bounded.ts';
import type { ModelCard } from '../input/model-card.ts';
import { pictureSize, pictureTensor } from '../input/picture-tensor.ts';
import { readInputs } from '../input/read-inputs.ts';
import { fitPicture } from '../input/read-picture.ts';
import { cifarLabel, cifarPicture, cifarRecords } from './cifar-records.ts';
import { pickSamples, type SampleChoice } from './pick-samples.ts';

export interface CalibrationDataOptions extends SampleChoice {
  /** A folder of pictures or of .npy files, one a sample, or CIFAR's binary records. */
  readonly path: string;
  readonly graph: Graph;
  readonly card: ModelCard;
}

/** Samples as the model's inputs. */
export interface OpenData extends SampleSource {
  /** What a person calls them. */
  readonly name: string;
  /** SHA-256 of the samples in their order; reads all of them. */
  digest(): string;
  /** By sample: a file's path within the folder, or a record's number. */
  readonly names: readonly string[];
  /** By sample, its place in the whole of the data. */
  readonly places: readonly number[];
  /** Those that the data bring along; null = none. */
  readonly ownLabels: readonly Label[] | null;
}

const extensions: ReadonlySet<string> = new Set(['.jpg', '.jpeg', '.png', '.bmp', '.npy']);
const mostFiles = 1_000_000;
const largestFile = 2 ** 29;

/** Throws InvalidInputError where there is nothing to read, or it does not fit the model's only input. */
export async function openCalibrationData(options: CalibrationDataOptions): Promise<OpenData> {
  const { path } = options;
  const found = await stat(path).catch((cause: unknown) => {
    throw new InvalidInputError(
      `the data ${path} cannot be read`,
      'Give a folder of pictures, or a file of CIFAR records.',
      { cause },
    );
  });
  if (found.isFile()) return recordData(path, options);
  const files = await filesIn(path);
  const pictures = files.filter((file) => extensions.has(extname(file).toLowerCase()));
  const [only, more] = files.filter((file) => extname(file) === '.bin');
  if (pictures.length === 0 && only !== undefined && more === undefined) return recordData(only, options);
  return fileData(pictures, options);
}

/** Folder by folder: Node's own recursive reading forgets what a folder within has beyond its first 32 entries. */
async function filesIn(folder: string): Promise<string[]> {
  const files: string[] = [];
  const folders = [folder];
  for (let own = folders.pop(); own !== undefined; own = folders.pop()) {
    for await (const entry of await opendir(own)) {
      const path = join(own, entry.name);
      if (entry.isDirectory()) folders.push(path);
      if (entry.isFile()) files.push(path);
      if (files.length > mostFiles)
        throw new InvalidInputError(
          `${folder} has over ${mostFiles} files`,
          'Give a folder that holds calibration data only.',
        );
    }
  }
  return files.sort();
}

async function fileData(files: readonly string[], options: CalibrationDataOptions): Promise<OpenData> {
  const { path, card } = options;
  const inputs = inputsOf(options);
  const places = pickSamples(files.length, options);
  const chosen = places.flatMap((place) => files[place] ?? []);
  return {
    name: basename(path),
    digest: () => {
      const hash = createSha256();
      for (const file of chosen) hash.update(readBounded(file, largestFile, 'a sample'));
      return hash.hexadecimal();
    },
    names: chosen.map((file) => relative(path, file)),
    places,
    ownLabels: null,
    samples: chosen.length,
    read: (sample) => {
      const name = card.input ?? inputs[0]?.name ?? '';
      return readInputs({ inputs, card, specifications: [`${name}=${chosen[sample] ?? ''}`] });
    },
  };
}

async function recordData(path: string, options: CalibrationDataOptions): Promise<OpenData> {
  const { card } = options;
  const bytes = readBounded(path, largestFile, 'a file of CIFAR records');
  const records = cifarRecords(path, bytes);
  const [input, more] = inputsOf(options);
  if (input === undefined || more !== undefined)
    throw new InvalidInputError(
      'CIFAR records fill one picture input',
      'Give calibration data of all the inputs.',
    );
  const places = pickSamples(records.length, options);
  const chosen = places.flatMap((place) => records[place] ?? []);
  return {
    name: basename(path),
    digest: () => {
      const hash = createSha256();
      for (const record of chosen) hash.update(record);
      return hash.hexadecimal();
    },
    names: places.map(String),
    places,
    ownLabels: chosen.map(cifarLabel),
    samples: chosen.length,
    read: async (sample) => {
      const size = pictureSize(input, card);
      const picture = cifarPicture(chosen[sample] ?? new Uint8Array(0));
      const isFitting = picture.width === size.width && picture.height === size.height;
      return [pictureTensor(isFitting ? picture : await fitPicture(picture, card, size), card, input)];
    },
  };
}

function inputsOf({ graph }: CalibrationDataOptions) {
  return graph.inputs.flatMap((id) => graph.tensors[id] ?? []);
}
