import { createRandom } from '@tandem/core';

/** Red, green, blue bytes, rows from the top: [height, width, 3]. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

interface Blob {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly colour: readonly [number, number, number];
}

/** A picture that is the same for the same seed everywhere: soft coloured discs on a gradient, for runs that are given none. */
export function generatedPicture(width: number, height: number, seed: number): Picture {
  const blobs = blobsOf(seed);
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, position = 0; y < height; y++) {
    for (let x = 0; x < width; x++, position += 3) paint(data, position, x / width, y / height, blobs);
  }
  return { width, height, data };
}

function blobsOf(seed: number): Blob[] {
  const random = createRandom(seed).split('generated picture');
  const level = (): number => random.integer(256);
  return Array.from({ length: 6 }, () => ({
    x: random.next(),
    y: random.next(),
    radius: 0.1 + 0.25 * random.next(),
    colour: [level(), level(), level()],
  }));
}

function paint(data: Uint8Array, position: number, x: number, y: number, blobs: readonly Blob[]): void {
  const colour: [number, number, number] = [255 * x, 255 * y, 255 * (1 - x)];
  for (const blob of blobs) {
    const distance = ((x - blob.x) ** 2 + (y - blob.y) ** 2) / blob.radius ** 2;
    const cover = Math.max(0, 1 - distance);
    for (let channel = 0; channel < 3; channel++) {
      colour[channel] = (colour[channel] ?? 0) * (1 - cover) + (blob.colour[channel] ?? 0) * cover;
    }
  }
  data.set(colour, position);
}
