import { InvalidInputError, type Label } from '@tandem/core';
import type { Picture } from '../input/picture.ts';

const side = 32;
const plane = side * side;
const recordBytes = 1 + 3 * plane;

/** The records of CIFAR-10's binary version: a label's byte, then 32 × 32 bytes of red, green and blue each. */
export function cifarRecords(path: string, bytes: Uint8Array): readonly Uint8Array[] {
  if (bytes.length % recordBytes === 0)
    return Array.from({ length: bytes.length / recordBytes }, (_, at) =>
      bytes.subarray(at * recordBytes, (at + 1) * recordBytes),
    );
  throw new InvalidInputError(
    `${path} has ${bytes.length} bytes, expected a multiple of ${recordBytes}: CIFAR records`,
    'Give a folder of pictures, or a file of CIFAR records.',
  );
}

export function cifarLabel(record: Uint8Array): Label {
  return record[0] ?? 0;
}

export function cifarPicture(record: Uint8Array): Picture {
  const data = new Uint8Array(3 * plane);
  for (let pixel = 0; pixel < plane; pixel++)
    for (let channel = 0; channel < 3; channel++)
      data[pixel * 3 + channel] = record[1 + channel * plane + pixel] ?? 0;
  return { width: side, height: side, data };
}
