import {
  createRandom,
  featureLayout,
  graphOf,
  OnlineDecisions,
  type OnlineThresholds,
  poolFeature,
} from '@tandem/core';
import { loadModel, ortExecutor } from '@tandem/node';
import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { randomInputs } from '../models/random-inputs.ts';
import { withScratch } from '../models/scratch.ts';
import { writeZooFile } from '../models/zoo-file.ts';
import { median, timed } from '../paired.ts';

const rounds = 9;
/** Decisions, or features, in one measurement. */
const repetitions = 50;
const sizes = [
  { labels: 10, channels: 512 },
  { labels: 100, channels: 1024 },
  { labels: 1000, channels: 2048 },
] as const;
/** What ResNet-50 hands to its last stage, and MobileNetV2 to its head. */
const activations = [
  [1, 1024, 14, 14],
  [1, 1280, 7, 7],
] as const;

export const onlineDecision: Bench = {
  title:
    'One decision at a cut: pooling the activation, and comparing it with the centres of up to 1000 labels.',
  run: async (context: BenchContext): Promise<BenchResult> => {
    const rows: BenchRow[] = [];
    for (const shape of activations) rows.push(...(await poolRows(shape, context)));
    for (const size of sizes) rows.push(...(await decisionRows(size, context)));
    rows.push(...(await stageRows(context)));
    return { rows, remarks: [remark] };
  },
};

const remark = `Medians of ${rounds} rounds of ${repetitions} each, on one core. A decision is \`OnlineDecisions.decide\`; its ratio is to copying the centres, which reads as many values and computes nothing.`;

async function poolRows(shape: readonly number[], { only, signal }: BenchContext): Promise<BenchRow[]> {
  const name = `pool ${shape.slice(1).join('×')}`;
  if (!name.includes(only)) return [];
  const layout = featureLayout(shape);
  const values = new Float32Array(layout.channels * layout.positions).fill(0.5);
  const out = new Float32Array(layout.channels);
  const seconds = await medianOf(signal, () => {
    for (let count = 0; count < repetitions; count++) poolFeature([layout], [values], out);
  });
  return [{ case: name, value: seconds, unit: 's' }];
}

async function decisionRows(
  { labels, channels }: (typeof sizes)[number],
  { only, signal }: BenchContext,
): Promise<BenchRow[]> {
  const name = `decide, ${labels} labels × ${channels} channels`;
  const plain = `copy ${labels} × ${channels} values`;
  if (!name.includes(only)) return [];
  const random = createRandom(1);
  const feature = (): Float32Array => Float32Array.from({ length: channels }, () => random.next());
  const centres = Array.from({ length: labels }, (_row, label) => ({ label, count: 10, centre: feature() }));
  const decisions = new OnlineDecisions(channels, thresholdsOf(labels), { centres });
  const own = feature();
  const copy = new Float32Array(labels * channels);
  const copying = await medianOf(signal, () => {
    for (let count = 0; count < repetitions; count++)
      for (const { label, centre } of centres) copy.set(centre, label * channels);
  });
  const deciding = await medianOf(signal, () => {
    for (let count = 0; count < repetitions; count++) decisions.decide(count, own, null, random, 0);
  });
  return [
    { case: plain, value: copying, unit: 's' },
    { case: name, value: deciding, unit: 's', ratioTo: plain, ratio: deciding / copying },
  ];
}

/** What a cut of 2048 channels follows: ResNet-50 but for its classifier, a hundredth of it. */
async function stageRows({ only, signal }: BenchContext): Promise<BenchRow[]> {
  const stage = 'ResNet-50 on one core';
  if (!stage.includes(only)) return [];
  const decision = bothOf(2048, 49, 1000);
  const deciding = await medianOf(signal, () => {
    for (let count = 0; count < repetitions; count++) decision(count);
  });
  const computing = await withScratch(async (folder) => {
    const path = await writeZooFile(folder, 'resnet-50');
    const loaded = await loadModel(path);
    const executor = ortExecutor();
    try {
      const inputs = randomInputs(graphOf(loaded.model, { batch: 1 }), createRandom(1));
      const segment = await executor.load(
        { digest: await loaded.digest(), model: { path } },
        { threads: 1, signal },
      );
      const times: number[] = [];
      for (let round = 0; round <= rounds; round++) {
        const own = inputs.map((tensor) => ({ ...tensor, data: new Uint8Array(tensor.data) }));
        const { computeSeconds } = await segment.run(own, signal);
        if (round > 0) times.push(computeSeconds);
      }
      return median(times);
    } finally {
      await executor.close();
      await loaded.close();
    }
  });
  const name = 'pool 2048×7×7 and decide, 1000 labels';
  return [
    { case: stage, value: computing, unit: 's' },
    { case: name, value: deciding, unit: 's', ratioTo: stage, ratio: deciding / computing },
  ];
}

/** Everything that is done for one request. */
function bothOf(channels: number, positions: number, labels: number): (request: number) => void {
  const random = createRandom(1);
  const values = (length: number): Float32Array => Float32Array.from({ length }, () => random.next());
  const centres = Array.from({ length: labels }, (_row, label) => ({
    label,
    count: 10,
    centre: values(channels),
  }));
  const decisions = new OnlineDecisions(channels, thresholdsOf(labels), { centres });
  const side = Math.sqrt(positions);
  const layouts = [featureLayout([1, channels, side, side])];
  const tensors = [values(channels * positions)];
  const feature = new Float32Array(channels);
  return (request) => {
    poolFeature(layouts, tensors, feature);
    decisions.decide(request, feature, null, random, 0);
  };
}

/** Of one repetition. */
async function medianOf(signal: AbortSignal, work: () => void): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    signal.throwIfAborted();
    const seconds = await timed(work);
    if (round > 0) times.push(seconds / repetitions);
  }
  return median(times);
}

const thresholdsOf = (labels: number): OnlineThresholds => ({
  exitAbove: 0.5,
  fewerBits: [],
  offlineBits: 8,
  mostDistance: null,
  labels,
  similarity: { mean: 0.8, deviation: 0.1 },
  samples: 0,
  exitLoss: { share: 0, low: 0, high: 1 },
  notes: [],
});
