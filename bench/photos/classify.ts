import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  choose,
  createRandom,
  exampleCluster,
  graphOf,
  losslessPlannerNames,
  problemDigest,
  problemOf,
  seconds,
} from '@tandem/core';
import {
  createSha256,
  loadModel,
  type ModelCard,
  modelCards,
  ortSession,
  readInputs,
  readLabels,
  systemClock,
  tcp,
  topLabels,
} from '@tandem/node';
import {
  compareOutputs,
  connectGateway,
  deploymentOf,
  segmentSources,
  segmentsByDigest,
  type TensorValue,
} from '@tandem/runtime';
import { z } from 'zod';
import type { ClassifyOptions, PhotoLine, PlanLine } from './classify-lines.ts';

/**
 * Runs inside the weak device's host: plans MobileNetV2 for a weak device and a server, joins the two agents, and asks the split and the
 * whole model about every photo. Prints a PlanLine, then a PhotoLine a photo.
 */

/** Photos of the sample were cropped to 224x224 when it was made. */
const sampleCard: ModelCard = {
  ...modelCards['imagenet-tensorflow'],
  resize: { exact: true, kernel: 'linear' },
};

interface Photo {
  readonly path: string;
  readonly card: ModelCard;
  /** Null where nobody says. */
  readonly trueClass: number | null;
}

const photoList = z.object({ images: z.array(z.object({ file: z.string(), index1001: z.int() })) });

async function photosOf({ dataFolder }: ClassifyOptions): Promise<Photo[]> {
  const sample = join(dataFolder, 'datasets/imagenet-sample');
  const { images } = photoList.parse(JSON.parse(await readFile(join(sample, 'labels.json'), 'utf8')));
  const permissive = join(dataFolder, 'datasets/permissive-images');
  const names = (await readdir(permissive)).filter((name) => /\.(jpg|png|bmp)$/.test(name)).sort();
  return [
    ...names.map((name) => ({
      path: join(permissive, name),
      card: modelCards['imagenet-tensorflow'],
      trueClass: null,
    })),
    ...images.map(({ file, index1001 }) => ({
      path: join(sample, file),
      card: sampleCard,
      trueClass: index1001,
    })),
  ];
}

async function classify(options: ClassifyOptions): Promise<void> {
  const signal = AbortSignal.timeout(options.timeoutSeconds * 1000);
  const path = join(options.dataFolder, 'models/mobilenet_v2_1.0_224.onnx');
  const loaded = await loadModel(path);
  const graph = graphOf(loaded.model, { batch: 1, modelDigest: await loaded.digest() });
  const problem = problemOf(graph, exampleCluster());
  const digest = problemDigest(problem, createSha256);
  const context = { problemDigest: digest, random: createRandom(1), clock: systemClock, signal };
  const { planned, report } = await choose(problem, losslessPlannerNames, context);
  const { plan } = planned;
  const sources = segmentSources({ model: loaded.model, graph, plan, createSha256 });
  const token = readFileSync(options.tokenFile, 'utf8').trim();
  const { addresses } = options;
  const gateway = await connectGateway({ transport: tcp(), clock: systemClock, token, addresses, signal });
  const deployment = deploymentOf({
    problem,
    plan,
    segments: sources.map(({ manifest }) => manifest),
    paceSeconds: report.stages.map(({ computeSeconds }) => computeSeconds),
    // The links are slow for real here.
    paceLinks: false,
  });
  await gateway.deploy(deployment, segmentsByDigest(sources), {
    signal,
  });
  const stages = plan.stages.map(({ device, nodes }) => ({ device, nodes: nodes.length }));
  print({ why: plan.why.sentence, stages, predictedSeconds: report.latencySeconds });
  const whole = await ortSession({ path }, { name: 'the whole model' });
  const labels = readLabels(join(options.dataFolder, 'models/imagenet_labels_1001.txt'));
  const inputs = graph.inputs.flatMap((id) => graph.tensors[id] ?? []);
  for (const photo of await photosOf(options)) {
    const card = { ...photo.card, labels };
    const values = await readInputs({ inputs, card, specifications: [photo.path] });
    const expected = await whole.run(values);
    const answer = await gateway.request(values, { timeoutSeconds: seconds(30), signal });
    const top = (outputs: readonly TensorValue[]) => topOf(outputs, card);
    print({
      photo: photo.path.slice(options.dataFolder.length + 1),
      trueClass: photo.trueClass,
      whole: top(expected.outputs),
      split: top(answer.outputs),
      maxRelativeDifference: compareOutputs(expected.outputs, answer.outputs).maxRelativeDifference,
      measuredSeconds: answer.seconds,
    });
  }
  await gateway.close();
  await whole.release();
  await loaded.close();
}

function topOf(outputs: readonly TensorValue[], card: ModelCard): { index: number; label: string } {
  const [output] = outputs;
  const [best] = output === undefined ? [] : topLabels(output, card, 1);
  return { index: best?.index ?? -1, label: best?.label ?? '' };
}

function print(line: PlanLine | PhotoLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

await classify(JSON.parse(process.argv[2] ?? '') as ClassifyOptions);
