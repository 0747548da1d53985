import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { cutOf, graphOf, RefusedError, singleTensorCuts } from '@tandem/core';
import { calibrateFile, loadModel, modelCards, openCalibrationData } from '@tandem/node';
import { dataFolder } from '../../tests/data.ts';
import type { Bench, BenchContext, BenchResult } from '../bench.ts';
import { withScratch } from '../models/scratch.ts';
import { timed } from '../paired.ts';

const whole = { samples: 500, cuts: Number.POSITIVE_INFINITY };
/** With --only quick: enough to see that it works. */
const quick = { samples: 20, cuts: 4 };
const model = 'mobilenet_v2_1.0_224';
/** The least round share that 500 samples can tell from none in each half: with less no bits would be searched. */
const mostLoss = 0.01;

export const calibrate: Bench = {
  title: 'Calibrating MobileNetV2 at the input and every single-tensor cut on 500 frames, on all cores.',
  run: (context) => withScratch((scratch) => calibration(scratch, context)),
};

async function calibration(scratch: string, context: BenchContext): Promise<BenchResult> {
  const { only, signal } = context;
  if (dataFolder === null)
    throw new RefusedError(
      'there is no test data',
      'Set TANDEM_DATA to the folder that holds models/ and datasets/.',
    );
  const { samples, cuts: most } = only === 'quick' ? quick : whole;
  const threads = availableParallelism();
  const loaded = await loadModel(join(dataFolder, `models/${model}.onnx`));
  try {
    const graph = graphOf(loaded.model, { batch: 1, modelDigest: await loaded.digest() });
    const path = join(dataFolder, 'datasets/video');
    const data = await openCalibrationData({ path, graph, card: modelCards['imagenet-tensorflow'], samples });
    const cuts = [cutOf(graph, []), ...singleTensorCuts(graph)].slice(-most);
    let runs = 0;
    let told = Date.now();
    const seconds = await timed(async () => {
      await calibrateFile({
        loaded,
        graph,
        cuts,
        data,
        mostLoss,
        threads,
        output: join(scratch, 'calibration.json'),
        signal,
        onProgress: ({ round, done, total }) => {
          runs++;
          if (Date.now() - told < 2000) return;
          told = Date.now();
          context.progress(`round ${round + 1}: ${done} of ${total}`);
        },
      });
    });
    return {
      rows: [
        { case: `${cuts.length} cuts × ${data.samples} frames, ${threads} cores`, value: seconds, unit: 's' },
        { case: 'cuts × runs of samples measured', value: runs, unit: '' },
      ],
      remarks: [
        `Frames evenly spread over both clips; budget ${100 * mostLoss} %, judged by agreement with the whole model. From an opened model to the written file: answers of the whole model, bits of each cut, centres, thresholds and classifiers.`,
      ],
    };
  } finally {
    await loaded.close();
  }
}
