import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Calibration,
  type Cut,
  fastestCoder,
  type Graph,
  inputShapes,
  type Label,
  type NodeId,
  nodeRanges,
  writeCalibration,
} from '@tandem/core';
import {
  type CalibrationProgress,
  calibrateModel,
  type SegmentShelf,
  type StoredSegment,
} from '@tandem/runtime';
import { ortExecutor } from '../execute/ort-executor.ts';
import { ResumableLog } from '../files/resumable-log.ts';
import type { LoadedModel } from '../model/load-model.ts';
import { runtimeVersion } from '../profile/device-facts.ts';
import { SegmentFiles } from '../profile/segment-files.ts';
import type { OpenData } from './calibration-data.ts';
import { restoreRow, type StoredRow, storedRow, storeRow } from './calibration-row.ts';

export interface CalibrateFileOptions {
  readonly loaded: LoadedModel;
  /** Of the loaded model, at batch 1. */
  readonly graph: Graph;
  readonly cuts: readonly Cut[];
  readonly data: OpenData;
  /** By sample. @default the whole model's own answers */
  readonly truths?: readonly Label[] | undefined;
  /** The share of answers that codes and exits may cost together. */
  readonly mostLoss: number;
  /** How many samples are on their way at once, each on a core of its own. */
  readonly threads: number;
  /** The finished file; '.part' is added for the measurements of an unfinished one. */
  readonly output: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: CalibrationProgress) => void;
}

/** For all executors together. */
const memoryBytes = 2 ** 29;

/**
 * Calibrates a model on this machine and writes `output`. Resumes where an interrupted call with the same model, data and options
 * stopped. Throws RefusedError when the unfinished file is another calibration's, what the model runtime throws, the signal's reason.
 */
export async function calibrateFile(options: CalibrateFileOptions): Promise<Calibration> {
  const { loaded, graph, cuts, data, truths, mostLoss, output, signal } = options;
  const model = { name: loaded.name, digest: await loaded.digest(), inputs: inputShapes(graph) };
  const { name, samples } = data;
  const digest = data.digest();
  const judgedBy = truths === undefined ? 'agreement' : 'labels';
  const described = { name, digest, samples, judgedBy } as const;
  const names = cuts.map(({ boundary }) => boundary);
  const identity = { model, data: described, mostLoss, cuts: names, truths, runtime: runtimeVersion() };
  const log = await ResumableLog.open<StoredRow>(`${output}.part`, identity, storedRow);
  const folder = await mkdtemp(join(tmpdir(), 'tandem-calibrate-'));
  const executors = Array.from({ length: options.threads }, () => ortExecutor());
  try {
    const files = await SegmentFiles.open(folder, loaded.model, new Map([[1, graph]]), signal);
    const calibrated = await calibrateModel({
      job: {
        graph,
        cuts,
        data,
        segments: segmentShelf(files),
        executors,
        coder: fastestCoder(),
        memoryBytes: memoryBytes / executors.length,
        signal,
      },
      mostLoss,
      truths,
      known: log.values.flatMap(restoreRow),
      keep: (row) => log.add(storeRow(row)),
      ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    });
    const calibration: Calibration = { model, data: described, ...calibrated };
    await writeFile(output, writeCalibration(calibration));
    await log.remove();
    return calibration;
  } finally {
    await Promise.all(executors.map((executor) => executor.close()));
    await rm(folder, { recursive: true, force: true });
  }
}

/** Each segment is written once; its file holds no weights. */
function segmentShelf(files: SegmentFiles): SegmentShelf {
  const known = new Map<string, Promise<StoredSegment>>();
  return {
    segment: (nodes: readonly NodeId[]) => {
      const ranges = nodeRanges(nodes);
      const stored =
        known.get(ranges) ??
        files
          .write(1, ranges, `segment-${known.size}.onnx`)
          .then(({ path }): StoredSegment => ({ digest: ranges, model: { path } }));
      known.set(ranges, stored);
      return stored;
    },
  };
}
