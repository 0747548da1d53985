import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidInputError } from '@tandem/core';
import { tensorNumbers } from '@tandem/runtime';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { assignFiles } from './assign-files.ts';
import { type ModelCard, modelCards } from './model-card.ts';
import type { InputTensor } from './picture-tensor.ts';
import { generatedInputs, readInputs } from './read-inputs.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-inputs-'));
afterAll(() => rmSync(folder, { recursive: true }));

const square: InputTensor = { name: 'input', type: 'float32', shape: [1, 3, 2, 2] };
const raw = modelCards['raw-255'];
const red = [255, 0, 0];
const green = [0, 255, 0];
const blue = [0, 0, 255];
const grey = [100, 100, 100];

/** A PNG of the given pixels, row by row. */
async function png(name: string, width: number, pixels: readonly (readonly number[])[]): Promise<string> {
  const channels = pixels[0]?.length === 4 ? 4 : 3;
  const source = { width, height: pixels.length / width, channels } as const;
  const path = join(folder, name);
  await sharp(Uint8Array.from(pixels.flat()), { raw: source }).png().toFile(path);
  return path;
}

async function numbers(path: string, card: ModelCard, input: InputTensor = square): Promise<number[]> {
  const [value] = await readInputs({ inputs: [input], specifications: [path], card });
  return value === undefined ? [] : Array.from(tensorNumbers(value));
}

describe('readInputs, of a picture,', () => {
  const pixels = [red, green, blue, grey];
  const planes = { red: [255, 0, 0, 100], green: [0, 255, 0, 100], blue: [0, 0, 255, 100] };

  it.each([
    ['RGB planes', raw, square.shape, [...planes.red, ...planes.green, ...planes.blue]],
    ['BGR planes', { ...raw, colour: 'BGR' }, square.shape, [...planes.blue, ...planes.green, ...planes.red]],
    ['interleaved RGB', { ...raw, layout: 'NHWC' }, [1, 2, 2, 3], pixels.flat()],
    ['grey', { ...raw, colour: 'GREY' }, [1, 1, 2, 2], [76, 150, 29, 100]],
    [
      'scaled and normalised',
      { ...raw, scale: 1 / 255, mean: [0, 1, 0], deviation: [1, 1, 0.5] },
      square.shape,
      [1, 0, 0, 100 / 255, -1, 0, -1, 100 / 255 - 1, 0, 0, 2, 200 / 255],
    ],
  ] as const)('gives %s', async (_, card, shape, expected) => {
    const path = await png('colours.png', 2, pixels);
    const got = await numbers(path, card, { ...square, shape });
    expect(got.map((value) => value.toFixed(5))).toEqual(expected.map((value) => value.toFixed(5)));
  });

  it.each(['float16', 'uint8'] as const)('converts to %s', async (type) => {
    const path = await png('colours.png', 2, pixels);
    expect(await numbers(path, raw, { ...square, type })).toEqual([
      ...planes.red,
      ...planes.green,
      ...planes.blue,
    ]);
  });

  it('drops transparency without blending', async () => {
    const path = await png('clear.png', 2, [
      [...red, 0],
      [...green, 128],
      [...blue, 255],
      [...grey, 1],
    ]);
    expect(await numbers(path, raw)).toEqual([...planes.red, ...planes.green, ...planes.blue]);
  });

  it('reads pictures that hold grey alone, and 16 bits a channel', async () => {
    const path = join(folder, 'grey.png');
    const levels = Uint8Array.of(0, 50, 100, 255);
    await sharp(levels, { raw: { width: 2, height: 2, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toFile(path);
    expect(await numbers(path, raw)).toEqual([...levels, ...levels, ...levels]);
    const deep = join(folder, 'deep.png');
    await sharp(path).toColourspace('rgb16').png().toFile(deep);
    expect(await numbers(deep, raw)).toEqual([...levels, ...levels, ...levels]);
  });

  it('turns a photo upright', async () => {
    const path = join(folder, 'turned.png');
    const upright = { raw: { width: 2, height: 2, channels: 3 } } as const;
    await sharp(Uint8Array.from([red, green, blue, grey].flat()), upright)
      .withMetadata({ orientation: 3 })
      .png()
      .toFile(path);
    expect((await numbers(path, raw)).slice(0, 4)).toEqual([...planes.red].reverse());
  });

  it.each([
    ['cropRatio 0.5', { cropRatio: 0.5, kernel: 'nearest' }],
    ['shortSide 4', { shortSide: 4, kernel: 'nearest' }],
  ] as const)('keeps the centre of a wide picture with %s', async (_, resize) => {
    const column = [10, 20, 30, 40, 50, 60, 70, 80];
    const wide = await png(
      'wide.png',
      8,
      Array.from({ length: 32 }, (_, index) => {
        const level = column[index % 8] ?? 0;
        return [level, level, level];
      }),
    );
    expect((await numbers(wide, { ...raw, resize })).slice(0, 4)).toEqual([40, 50, 40, 50]);
  });
});

describe('readInputs, of what cannot be used,', () => {
  const card = raw;
  it.each([
    ['a shape that is no picture', { ...square, shape: [1, 10] }, card, 'photo.png', /shape \[1, 10\]/],
    ['a batch of pictures', { ...square, shape: [2, 3, 2, 2] }, card, 'photo.png', /shape \[2, 3, 2, 2\]/],
    ['a card for another size', square, { ...card, width: 32, height: 32 }, 'photo.png', /\[1, 3, 32, 32\]/],
    [
      'a short side below the crop',
      square,
      { ...card, resize: { shortSide: 1, kernel: 'linear' } },
      'photo.png',
      /resizes the picture to 1x1, but the model takes 2x2/,
    ],
    ['integers', { ...square, type: 'int64' }, card, 'photo.png', /takes int64/],
    ['no card', square, null, 'photo.png', /Nothing says how the picture/],
    ['a text', square, card, 'text.jpg', /text.jpg cannot be read as a picture/],
    ['half a photo', square, card, 'half.jpg', /half.jpg cannot be read as a picture/],
    ['a missing file', square, card, 'none.png', /There is no file/],
    [
      'too few bytes',
      square,
      card,
      'short.bin',
      /short.bin has 5 bytes, but the input 'input' \(float32 \[1, 3, 2, 2\]\) takes 48/,
    ],
  ] as const)('refuses %s', async (_, input, chosen, name, message) => {
    await png('photo.png', 2, [red, green, blue, grey]);
    writeFileSync(join(folder, 'text.jpg'), 'hello');
    writeFileSync(join(folder, 'short.bin'), 'hello');
    const photo = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    writeFileSync(join(folder, 'half.jpg'), photo.subarray(0, photo.length / 2));
    const reading = readInputs({ inputs: [input], specifications: [join(folder, name)], card: chosen });
    await expect(reading).rejects.toThrow(message);
  });

  it('reads bare elements', async () => {
    const elements = new Uint8Array(48).fill(7);
    writeFileSync(join(folder, 'whole.bin'), elements);
    const specifications = [`input=${join(folder, 'whole.bin')}`];
    expect(await readInputs({ inputs: [square], specifications, card: null })).toEqual([
      { ...square, data: elements },
    ]);
  });
});

describe('assignFiles', () => {
  const named = (...names: string[]): InputTensor[] => names.map((name) => ({ ...square, name }));
  it.each([
    [['a.png'], named('x'), undefined, ['a.png']],
    [['x=a.png'], named('x'), undefined, ['a.png']],
    [['y=b.npy', 'a.png'], named('x', 'y'), undefined, ['a.png', 'b.npy']],
    [['a.png', 'y=b.npy', 'z=c.npy'], named('y', 'x', 'z'), undefined, ['b.npy', 'a.png', 'c.npy']],
    [['k=v.png'], named('x'), undefined, ['k=v.png']],
    [['a=b=c.png'], named('a=b'), undefined, ['c.png']],
    [['a.png', 'b.png'], named('x', 'y'), 'y', ['b.png', 'a.png']],
  ])('reads %j', (specifications, inputs, favoured, expected) => {
    expect(assignFiles(specifications, inputs, favoured).map(({ path }) => path)).toEqual(expected);
  });

  it.each([
    [[], named('x'), /input 'x' is not given/],
    [['x=a'], named('x', 'y'), /input 'y' is not given/],
    [['x=a', 'x=b'], named('x'), /'x' is given twice: a and b/],
    [['a', 'b'], named('x'), /b is one input too many/],
    [['a'], named('x', 'y'), /not clear which input a is for; the model takes 'x', 'y'/],
  ])('refuses %j', (specifications, inputs, message) => {
    expect(() => assignFiles(specifications, inputs, undefined)).toThrow(InvalidInputError);
    expect(() => assignFiles(specifications, inputs, undefined)).toThrow(message);
  });
});

describe('generatedInputs', () => {
  const inputs: InputTensor[] = [
    square,
    { name: 'mask', type: 'float16', shape: [3] },
    { name: 'ids', type: 'int64', shape: [2] },
  ];
  const make = (seed: number): number[][] =>
    generatedInputs({ inputs, card: raw, seed }).map((value) => Array.from(tensorNumbers(value)));

  it('gives the same values for the same seed and others for another', () => {
    expect(make(1)).toEqual(make(1));
    expect(make(1)[0]).not.toEqual(make(2)[0]);
  });

  it('gives a picture, numbers in [0, 1) and zeros', () => {
    const [picture = [], mask = [], ids] = make(3);
    expect(picture.every((value) => Number.isInteger(value) && value >= 0 && value <= 255)).toBe(true);
    expect(mask.every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(new Set(mask).size).toBe(3);
    expect(ids).toEqual([0, 0]);
  });
});
