import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { main } from '../command-line.ts';
import { dataFolder } from '../data.ts';

const answer = z.object({
  predictions: z.array(z.object({ label: z.string(), probability: z.number() })),
  labelsMeanNothing: z.boolean(),
  equality: z.object({ holds: z.boolean() }),
  stages: z.array(z.object({ device: z.string() })),
});

/** A card of the user's own: a preset with labels. */
async function withCard<Result>(folder: string, use: (card: string) => Promise<Result>): Promise<Result> {
  const scratch = await mkdtemp(join(tmpdir(), 'tandem-photos-'));
  try {
    const card = join(scratch, 'card.json');
    const labels = join(folder, 'models/imagenet_labels_1001.txt');
    await writeFile(card, JSON.stringify({ preset: 'imagenet-tensorflow', labels }));
    return await use(card);
  } finally {
    await rm(scratch, { recursive: true });
  }
}

describe.skipIf(dataFolder === null)('a trained network, split by its plan over TCP', () => {
  const folder = dataFolder ?? '';

  it.each([
    ['kitten_224.png', /\bcat\b/],
    ['bird.bmp', /chickadee/],
    ['parrot.jpg', /macaw/],
  ])('names the animal in %s', async (photo, animal) => {
    const model = join(folder, 'models/mobilenet_v2_1.0_224.onnx');
    const input = `input=${join(folder, 'datasets/permissive-images', photo)}`;
    const printed = await withCard(folder, (card) =>
      promisify(execFile)(process.execPath, [main, 'run', model, '--input', input, '--card', card, '--json']),
    );
    const { predictions, labelsMeanNothing, equality, stages } = answer.parse(JSON.parse(printed.stdout));
    expect(predictions[0]?.label).toMatch(animal);
    expect(labelsMeanNothing).toBe(false);
    expect(equality.holds).toBe(true);
    expect(stages.map(({ device }) => device)).toEqual(['pi', 'server']);
  });
});
