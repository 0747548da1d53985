import { extname } from 'node:path';
import { createRandom, type ElementType, InvalidInputError, toFloat16 } from '@tandem/core';
import { type TensorValue, tensorByteLength } from '@tandem/runtime';
import { openFileSource } from '../files/file-source.ts';
import { assignFiles } from './assign-files.ts';
import type { ModelCard } from './model-card.ts';
import { readNpy } from './npy.ts';
import { generatedPicture } from './picture.ts';
import { type InputTensor, pictureSize, pictureTensor } from './picture-tensor.ts';
import { readPicture } from './read-picture.ts';

export interface InputOptions {
  /** The graph's inputs, every one of which gets a value. */
  readonly inputs: readonly InputTensor[];
  /** How pictures are prepared; null where only tensors are given. */
  readonly card: ModelCard | null;
}

/**
 * The values of a model's inputs, in the model's order, from 'NAME=FILE' or, where it is clear which input is meant, 'FILE'. A file is a
 * tensor (.npy, or .bin with bare little-endian elements) or else a picture. Throws InvalidInputError for a missing or unknown input, an
 * unreadable file, and a shape, size or type that is not the input's.
 */
export async function readInputs(
  options: InputOptions & { readonly specifications: readonly string[] },
): Promise<TensorValue[]> {
  const files = assignFiles(options.specifications, options.inputs, options.card?.input);
  const values: TensorValue[] = [];
  for (const { input, path } of files) values.push(await readInput(path, input, options.card));
  return values;
}

async function readInput(path: string, input: InputTensor, card: ModelCard | null): Promise<TensorValue> {
  switch (extname(path).toLowerCase()) {
    case '.npy':
      return readNpy(path, input);
    case '.bin':
    case '.raw':
      return readElements(path, input);
    default:
      return readPictureInput(path, input, card);
  }
}

async function readPictureInput(
  path: string,
  input: InputTensor,
  card: ModelCard | null,
): Promise<TensorValue> {
  if (card === null) {
    throw new InvalidInputError(
      `Nothing says how the picture ${path} becomes the input '${input.name}'.`,
      'Name a model card, or give the input as .npy or .bin.',
    );
  }
  const size = pictureSize(input, card);
  return pictureTensor(await readPicture(path, card, size), card, input);
}

function readElements(path: string, input: InputTensor): TensorValue {
  const expected = tensorByteLength(input.type, input.shape);
  const source = openFileSource(path);
  try {
    if (source.size !== expected) throw wrongSize(path, source.size, input, expected);
    const data = new Uint8Array(expected);
    source.readInto(data, 0);
    return { name: input.name, type: input.type, shape: input.shape, data };
  } finally {
    source.close();
  }
}

function wrongSize(path: string, got: number, input: InputTensor, expected: number): InvalidInputError {
  return new InvalidInputError(
    `${path} has ${got} bytes, but the input '${input.name}' (${input.type} [${input.shape.join(', ')}]) takes ${expected}.`,
    'Write exactly the elements, little-endian and row by row.',
  );
}

/**
 * Values for a run that is given none, the same for the same seed: a generated picture for inputs that the card fits, numbers in [0, 1)
 * for other float inputs, and zeros for the rest.
 */
export function generatedInputs(options: InputOptions & { readonly seed: number }): TensorValue[] {
  return options.inputs.map((input) => {
    const card = options.card;
    if (card === null || !takesPicture(input, card)) return generatedNumbers(input, options.seed);
    const { width, height } = pictureSize(input, card);
    return pictureTensor(generatedPicture(width, height, options.seed), card, input);
  });
}

function takesPicture(input: InputTensor, card: ModelCard): boolean {
  try {
    pictureSize(input, card);
    return card.input === undefined || card.input === input.name;
  } catch (error) {
    if (error instanceof InvalidInputError) return false;
    throw error;
  }
}

function generatedNumbers(input: InputTensor, seed: number): TensorValue {
  const fill = numberArrays[input.type];
  const random = createRandom(seed).split(`input ${input.name}`);
  const count = input.shape.reduce((product, side) => product * side, 1);
  const data =
    fill === undefined
      ? new Uint8Array(tensorByteLength(input.type, input.shape))
      : fill(count, () => random.next());
  return { name: input.name, type: input.type, shape: input.shape, data };
}

type Fill = (count: number, next: () => number) => Uint8Array<ArrayBuffer>;

const numberArrays: Partial<Record<ElementType, Fill>> = {
  float32: (length, next) => new Uint8Array(Float32Array.from({ length }, next).buffer),
  float64: (length, next) => new Uint8Array(Float64Array.from({ length }, next).buffer),
  float16: (length, next) => new Uint8Array(Uint16Array.from({ length }, () => toFloat16(next())).buffer),
};
