import { InvalidInputError, UnsupportedError } from '@tandem/core';
import type { ModelCard, Resize } from './model-card.ts';
import type { Picture } from './picture.ts';
import { isBitmap, readBitmap } from './read-bitmap.ts';

const largestPixels = 100_000_000;
const largestSide = 65_535;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Decodes an image file (JPEG, PNG, WebP, GIF, TIFF, AVIF, BMP), turns it upright as its EXIF orientation says, drops transparency, and
 * resizes and crops it to `size` as the card says. Throws InvalidInputError when it cannot be decoded or has over 100 million pixels.
 */
export async function readPicture(path: string, card: ModelCard, size: Size): Promise<Picture> {
  return fitPicture(await decodePicture(path), card, size);
}

async function decodePicture(path: string): Promise<Picture> {
  if (isBitmap(path)) return readBitmap(path, largestPixels);
  const sharp = await loadSharp();
  try {
    const upright = sharp(path, { limitInputPixels: largestPixels, failOn: 'error' }).autoOrient();
    const plain = upright.toColourspace('srgb').removeAlpha().raw({ depth: 'uchar' });
    const { data, info } = await plain.toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: threeChannels(data, info.channels) };
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw new InvalidInputError(
      `${path} cannot be read as a picture: ${reason}.`,
      'Give a JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP file, or a tensor as .npy or .bin.',
      { cause },
    );
  }
}

/** Loaded at first use: most commands see no picture, and the others should work where sharp does not. */
async function loadSharp(): Promise<Sharp> {
  try {
    return (await import('sharp')).default;
  } catch (cause) {
    throw new UnsupportedError(
      'Pictures cannot be read here, since the sharp package does not load.',
      'Run `npm install sharp`, or give inputs as .npy or .bin.',
      { cause },
    );
  }
}

type Sharp = typeof import('sharp').default;

/** Grey pictures stay one channel when they are decoded. */
function threeChannels(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return data;
  const spread = new Uint8Array((data.length / channels) * 3);
  for (let pixel = 0; pixel < data.length / channels; pixel++) {
    spread.fill(data[pixel * channels] ?? 0, pixel * 3, pixel * 3 + 3);
  }
  return spread;
}

/** Resizes and crops a decoded picture as the card says. Throws InvalidInputError when the card's short side is below the crop. */
export async function fitPicture(picture: Picture, card: ModelCard, size: Size): Promise<Picture> {
  const target = resizedSize(picture, card.resize, size);
  if (target.width < size.width || target.height < size.height) throw tooSmall(target, size);
  if (Math.max(target.width, target.height) > largestSide) throw tooElongated(picture);
  const resized = await resizePicture(picture, target, card.resize);
  return cropCentre(resized, size);
}

function resizedSize(picture: Picture, resize: Resize, size: Size): Size {
  if ('exact' in resize) return size;
  if ('shortSide' in resize)
    return scaled(picture, resize.shortSide / Math.min(picture.width, picture.height));
  const wide = Math.round(size.width / resize.cropRatio) / picture.width;
  const high = Math.round(size.height / resize.cropRatio) / picture.height;
  return scaled(picture, Math.max(wide, high));
}

/** Rounds down as torchvision does; the small addend keeps a product such as 255.99999999999997 at 256. */
function scaled(picture: Picture, factor: number): Size {
  const side = (pixels: number): number => Math.max(1, Math.floor(pixels * factor + 1e-6));
  return { width: side(picture.width), height: side(picture.height) };
}

async function resizePicture(picture: Picture, target: Size, { kernel }: Resize): Promise<Picture> {
  if (target.width === picture.width && target.height === picture.height) return picture;
  const { width, height, data } = picture;
  const sharp = await loadSharp();
  const raw = sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: largestPixels });
  const resized = raw.resize(target.width, target.height, { fit: 'fill', kernel, fastShrinkOnLoad: false });
  return { ...target, data: await resized.raw({ depth: 'uchar' }).toBuffer() };
}

function cropCentre(picture: Picture, size: Size): Picture {
  const left = Math.round((picture.width - size.width) / 2);
  const top = Math.round((picture.height - size.height) / 2);
  if (picture.width === size.width && picture.height === size.height) return picture;
  const data = new Uint8Array(size.width * size.height * 3);
  for (let row = 0; row < size.height; row++) {
    const start = ((top + row) * picture.width + left) * 3;
    data.set(picture.data.subarray(start, start + size.width * 3), row * size.width * 3);
  }
  return { ...size, data };
}

function tooSmall(target: Size, size: Size): InvalidInputError {
  return new InvalidInputError(
    `The card resizes the picture to ${target.width}x${target.height}, but the model takes ${size.width}x${size.height}.`,
    "Raise the card's shortSide, or use { exact: true }.",
  );
}

function tooElongated(picture: Picture): InvalidInputError {
  return new InvalidInputError(
    `The picture of ${picture.width}x${picture.height} pixels is too elongated to keep its proportions.`,
    'Crop it first, or use a card with { exact: true }.',
  );
}
