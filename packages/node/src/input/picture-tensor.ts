import { type ElementType, InvalidInputError, type Tensor, toFloat16, UnsupportedError } from '@tandem/core';
import type { TensorValue } from '@tandem/runtime';
import type { ModelCard } from './model-card.ts';
import type { Picture } from './picture.ts';
import type { Size } from './read-picture.ts';

/** What a picture input is taken to be: the part of a graph's Tensor that matters here. */
export type InputTensor = Pick<Tensor, 'name' | 'shape' | 'type'>;

const channelsOf: Readonly<Record<ModelCard['colour'], number>> = { RGB: 3, BGR: 3, GREY: 1 };

/** The pixels that `input` takes. Throws InvalidInputError when its shape is not one picture in the card's layout and colour. */
export function pictureSize(input: InputTensor, card: ModelCard): Size {
  const [batch, second, third, fourth, more] = input.shape;
  const [channels, height, width] =
    card.layout === 'NCHW' ? [second, third, fourth] : [fourth, second, third];
  const fits = batch === 1 && channels === channelsOf[card.colour] && more === undefined;
  const sized = (card.width ?? width) === width && (card.height ?? height) === height;
  if (fits && sized && width !== undefined && height !== undefined) return { width, height };
  const asked = [card.height ?? 'height', card.width ?? 'width'];
  const wanted =
    card.layout === 'NCHW' ? [1, channelsOf[card.colour], ...asked] : [1, ...asked, channelsOf[card.colour]];
  throw new InvalidInputError(
    `The input '${input.name}' has the shape [${input.shape.join(', ')}], but the model card describes a ${card.colour} picture [${wanted.join(', ')}].`,
    'Choose the card that fits the model, or give the input as .npy.',
  );
}

/** The picture, already of the input's size, as the card's numbers in the input's layout and element type. */
export function pictureTensor(picture: Picture, card: ModelCard, input: InputTensor): TensorValue {
  const values = card.colour === 'GREY' ? greyPlane(picture, card) : colourPlanes(picture, card);
  const ordered = card.layout === 'NCHW' ? values : interleaved(values, channelsOf[card.colour]);
  return { name: input.name, type: input.type, shape: input.shape, data: encoded(ordered, input) };
}

function colourPlanes(picture: Picture, card: ModelCard): Float32Array<ArrayBuffer> {
  const pixels = picture.width * picture.height;
  const values = new Float32Array(3 * pixels);
  for (let channel = 0; channel < 3; channel++) {
    const table = levels(card, channel);
    const byte = card.colour === 'BGR' ? 2 - channel : channel;
    for (let pixel = 0; pixel < pixels; pixel++) {
      values[channel * pixels + pixel] = table[picture.data[pixel * 3 + byte] ?? 0] ?? 0;
    }
  }
  return values;
}

/** Luma of ITU-R BT.601, rounded to a byte as Pillow's conversion to 'L' does. */
function greyPlane(picture: Picture, card: ModelCard): Float32Array<ArrayBuffer> {
  const table = levels(card, 0);
  const { data } = picture;
  return Float32Array.from({ length: picture.width * picture.height }, (_, pixel) => {
    const [red, green, blue] = [data[pixel * 3] ?? 0, data[pixel * 3 + 1] ?? 0, data[pixel * 3 + 2] ?? 0];
    return table[(red * 19595 + green * 38470 + blue * 7471 + 32768) >>> 16] ?? 0;
  });
}

/** What each byte becomes in a channel. */
function levels(card: ModelCard, channel: number): Float32Array {
  const mean = card.mean[channel] ?? card.mean[0] ?? 0;
  const deviation = card.deviation[channel] ?? card.deviation[0] ?? 1;
  return Float32Array.from({ length: 256 }, (_, byte) => (byte * card.scale - mean) / deviation);
}

/** [channels, pixels] to [pixels, channels]. */
function interleaved(values: Float32Array<ArrayBuffer>, channels: number): Float32Array<ArrayBuffer> {
  const pixels = values.length / channels;
  return values.map((_, index) => values[(index % channels) * pixels + Math.floor(index / channels)] ?? 0);
}

function encoded(values: Float32Array<ArrayBuffer>, input: InputTensor): Uint8Array<ArrayBuffer> {
  const encode = encoders[input.type];
  if (encode !== undefined) return encode(values);
  throw new UnsupportedError(
    `The input '${input.name}' takes ${input.type}; a picture becomes ${Object.keys(encoders).join(', ')}.`,
    'Give the input as .npy or .bin.',
  );
}

const encoders: Partial<Record<ElementType, (values: Float32Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>>> =
  {
    float32: (values) => new Uint8Array(values.buffer),
    float16: (values) => new Uint8Array(Uint16Array.from(values, toFloat16).buffer),
    uint8: (values) => new Uint8Array(Uint8ClampedArray.from(values).buffer),
  };
