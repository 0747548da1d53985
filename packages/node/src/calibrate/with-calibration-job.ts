import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cut, fastestCoder, type Graph, type NodeId, nodeRanges } from '@tandem/core';
import type { CalibrationJob, SampleSource, SegmentShelf, StoredSegment } from '@tandem/runtime';
import { ortExecutor } from '../execute/ort-executor.ts';
import type { LoadedModel } from '../model/load-model.ts';
import { SegmentFiles } from '../profile/segment-files.ts';

export interface CalibrationJobOptions {
  readonly loaded: LoadedModel;
  /** Of the loaded model, at batch 1. */
  readonly graph: Graph;
  readonly cuts: readonly Cut[];
  readonly data: SampleSource;
  /** How many samples are on their way at once, each on a core of its own. */
  readonly threads: number;
  readonly signal: AbortSignal;
}

/** For all executors together. */
const memoryBytes = 2 ** 29;

/** A job on this machine, while `use` runs; its executors and files go with it. */
export async function withCalibrationJob<Result>(
  options: CalibrationJobOptions,
  use: (job: CalibrationJob) => Promise<Result>,
): Promise<Result> {
  const { loaded, graph, cuts, data, signal } = options;
  const folder = await mkdtemp(join(tmpdir(), 'tandem-calibrate-'));
  const executors = Array.from({ length: options.threads }, () => ortExecutor());
  try {
    const files = await SegmentFiles.open(folder, loaded.model, new Map([[1, graph]]), signal);
    return await use({
      graph,
      cuts,
      data,
      segments: segmentShelf(files),
      executors,
      coder: fastestCoder(),
      memoryBytes: memoryBytes / executors.length,
      signal,
    });
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
