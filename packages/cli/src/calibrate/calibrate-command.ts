import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import {
  type Cut,
  cutAt,
  cutOf,
  type Graph,
  hasFeature,
  InvalidInputError,
  singleTensorCuts,
} from '@tandem/core';
import {
  type CalibrateFileOptions,
  calibrateFile,
  loadModel,
  openCalibrationData,
  readModelCard,
  readTruths,
} from '@tandem/node';
import type { CalibrateFlags } from '../flags.ts';
import type { Output } from '../output.ts';
import { checkSavable } from '../save-file.ts';
import { shapedGraph } from '../shaped-graph.ts';
import { slowLines } from '../slow-lines.ts';
import { stopSignal } from '../stop-signal.ts';
import { calibrationText } from './calibration-text.ts';

/** `tandem calibrate`: measures on data what fewer bits and early exits cost a model, and saves it for planners. */
export async function calibrateCommand(model: string, flags: CalibrateFlags, output: Output): Promise<void> {
  const signal = stopSignal();
  const loaded = await loadModel(model);
  try {
    const modelDigest = await loaded.digest();
    const options = { batch: 1, dimensions: flags.dimension, modelDigest };
    const graph = await shapedGraph(loaded.model, options, output);
    checkClassifier(graph);
    const cuts = cutsNamed(graph, flags.cuts);
    const card = readModelCard(flags.card);
    const data = await openCalibrationData({ ...flags, path: flags.data, graph, card });
    if (data.samples === 0)
      throw new InvalidInputError(
        `${flags.data} holds no samples`,
        'Give a folder of .jpg, .png, .bmp or .npy files, or a file of CIFAR records.',
      );
    const truths = flags.labels === undefined ? undefined : readTruths(flags.labels, data);
    const path = resolve(flags.output ?? `${loaded.name}-${modelDigest.slice(0, 8)}.calibration.json`);
    await checkSavable('the calibration', path);
    output.progress(
      `calibrating ${cuts.length} cuts on ${data.samples} samples into ${path}; Ctrl-C stops, the same command goes on`,
    );
    const threads = Math.min(flags.threads ?? availableParallelism(), 64);
    const onProgress = slowProgress(output.progress);
    const calibration = await calibrateFile({
      loaded,
      graph,
      cuts,
      data,
      truths,
      mostLoss: flags.budget,
      threads,
      output: path,
      signal,
      onProgress,
    });
    output.answer({ path, ...calibration }, () => calibrationText(calibration, path));
  } finally {
    await loaded.close();
  }
}

/** What is judged is the position of the largest number in the only output. */
function checkClassifier(graph: Graph): void {
  const [output, more] = graph.outputs.flatMap((id) => graph.tensors[id] ?? []);
  const elements = output?.shape.reduce((product, side) => product * side, 1) ?? 0;
  const classes = Math.max(0, ...(output?.shape ?? []));
  if (more === undefined && classes > 1 && elements === classes) return;
  throw new InvalidInputError(
    `${graph.name} has ${graph.outputs.length} outputs, the first of shape [${output?.shape.join(', ') ?? ''}], expected one row of classes`,
    'Calibrate a classifier.',
  );
}

/** 'single': the input, and all that cross alone; or names, of one tensor, or of several that cross together, joined by +. */
function cutsNamed(graph: Graph, text: string): readonly Cut[] {
  const cuts =
    text === 'single'
      ? [cutOf(graph, []), ...singleTensorCuts(graph)].filter(
          ({ boundary }) =>
            boundary.length === 1 && boundary.every((id) => hasFeature(graph.tensors[id]?.shape ?? [])),
        )
      : text.split(',').map((name) => cutAt(graph, name.split('+')));
  if (cuts.length > 0) return cuts.toSorted((left, right) => left.nodes.length - right.nodes.length);
  throw new InvalidInputError(
    `${graph.name} has no cut that a single tensor of one request crosses`,
    'Name the tensors that cross: --cuts a+b.',
  );
}

/** A line every two seconds, and the last one of each round. */
function slowProgress(progress: (line: string) => void): NonNullable<CalibrateFileOptions['onProgress']> {
  const slow = slowLines(progress);
  return ({ round, done, total }) =>
    slow(`round ${round + 1}: ${done} of ${total} cuts × runs of samples`, done >= total);
}
