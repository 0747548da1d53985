import { InvalidInputError } from '@tandem/core';
import { decode } from 'bmp-ts';
import { openFileSource } from '../files/file-source.ts';
import { readBounded } from '../files/read-bounded.ts';
import type { Picture } from './picture.ts';

const headerBytes = 54;
const largestBytes = 2 ** 29;

/** Whether the file begins as a Windows bitmap does; sharp's prebuilt library has no reader for those. */
export function isBitmap(path: string): boolean {
  const source = openFileSource(path);
  try {
    if (source.size < headerBytes) return false;
    const [first, second] = source.read(0, 2);
    return first === 0x42 && second === 0x4d;
  } finally {
    source.close();
  }
}

/** Decodes a BMP file, its transparency dropped. Throws InvalidInputError when it is malformed or has over `largestPixels`. */
export function readBitmap(path: string, largestPixels: number): Picture {
  const file = Buffer.from(readBounded(path, largestBytes, 'a picture'));
  requireSize(path, file, largestPixels);
  try {
    const { width, height, data } = decode(file, { toRGBA: true });
    return { width, height, data: withoutAlpha(data) };
  } catch (cause) {
    throw new InvalidInputError(
      `${path} cannot be read as a picture: its BMP data is malformed.`,
      'Save it again, or give a JPEG or PNG file.',
      { cause },
    );
  }
}

/** The decoder allocates what the header announces, so the header is checked first. A negative height means rows from the top. */
function requireSize(path: string, file: Buffer, largestPixels: number): void {
  const width = file.readInt32LE(18);
  const height = Math.abs(file.readInt32LE(22));
  if (width > 0 && height > 0 && width * height <= largestPixels) return;
  throw new InvalidInputError(
    `${path} cannot be read as a picture: its header says ${width}x${height} pixels, expected up to ${largestPixels} in all.`,
    'Save it smaller, or give a JPEG or PNG file.',
  );
}

function withoutAlpha(rgba: Uint8Array): Uint8Array {
  const data = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    data[to] = rgba[from] ?? 0;
    data[to + 1] = rgba[from + 1] ?? 0;
    data[to + 2] = rgba[from + 2] ?? 0;
  }
  return data;
}
