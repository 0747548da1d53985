import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { graphOf } from '@tandem/core';
import {
  loadModel,
  type ModelCard,
  modelCards,
  ortSession,
  readInputs,
  readLabels,
  topLabels,
} from '@tandem/node';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { dataFolder } from '../data.ts';

const photoList = z.object({
  images: z.array(z.object({ file: z.string(), index1000: z.int(), index1001: z.int() })),
});

/** The sample's photos were resized and cropped to 224x224 when it was made, so nothing is left to cut. */
const whole = { exact: true, kernel: 'linear' } as const;
const tensorflow: ModelCard = { ...modelCards['imagenet-tensorflow'], resize: whole };

describe.skipIf(dataFolder === null)('the ImageNet sample', () => {
  const folder = dataFolder ?? '';

  it('is named right by MobileNetV2 for 111 of 125 photos', async () => {
    const labels = readLabels(join(folder, 'models/imagenet_labels_1001.txt'));
    const { right, first } = await classify(folder, 'mobilenet_v2_1.0_224', { ...tensorflow, labels });
    expect(first).toBe('tench, Tinca tinca');
    expect(right).toBe(111);
  });

  it('loses a little when the photos are cropped a second time', async () => {
    const { right } = await classify(folder, 'mobilenet_v2_1.0_224', modelCards['imagenet-tensorflow']);
    expect(right).toBeGreaterThanOrEqual(107);
    expect(right).toBeLessThan(111);
  });

  it.each([
    ['mobilenet_v1_0.25_128', tensorflow, 45.8],
    ['squeezenet1.1_fp16', modelCards['imagenet-caffe'], 55.5],
  ])(
    'is named by %s within three standard errors of 125 draws of its known accuracy',
    async (model, card, percent) => {
      const { right } = await classify(folder, model, card);
      expect(Math.abs((100 * right) / 125 - percent)).toBeLessThan(13);
    },
  );
});

async function classify(
  folder: string,
  model: string,
  card: ModelCard,
): Promise<{ right: number; first: string | undefined }> {
  const path = join(folder, `models/${model}.onnx`);
  const loaded = await loadModel(path);
  const graph = graphOf(loaded.model, { batch: 1 });
  const inputs = graph.inputs.flatMap((id) => graph.tensors[id] ?? []);
  const session = await ortSession({ path }, { name: model });
  const answers: { label: string; isRight: boolean }[] = [];
  for (const photo of readPhotoList(folder)) {
    const specifications = [join(folder, 'datasets/imagenet-sample', photo.file)];
    const { outputs } = await session.run(await readInputs({ inputs, specifications, card }));
    const [best] = outputs.flatMap((output) => topLabels(output, card, 1));
    const expected = outputs[0]?.shape[1] === 1001 ? photo.index1001 : photo.index1000;
    answers.push({ label: best?.label ?? '', isRight: best?.index === expected });
  }
  await session.release();
  await loaded.close();
  return { right: answers.filter(({ isRight }) => isRight).length, first: answers[0]?.label };
}

function readPhotoList(folder: string): z.infer<typeof photoList>['images'] {
  return photoList.parse(
    JSON.parse(readFileSync(join(folder, 'datasets/imagenet-sample/labels.json'), 'utf8')),
  ).images;
}
