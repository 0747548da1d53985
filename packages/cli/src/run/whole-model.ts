import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bindModel, encodeModel, externaliseWeights, type Graph, isBound, type Seconds } from '@tandem/core';
import { type LoadedModel, ortExecutor, writeEncoded } from '@tandem/node';
import type { LoadOptions, StoredSegment, TensorValue } from '@tandem/runtime';

/** What the model answers when it runs in one piece on this machine. */
export interface WholeAnswer {
  readonly outputs: readonly TensorValue[];
  /** Inside ONNX Runtime, the second of two runs. */
  readonly computeSeconds: Seconds;
}

/**
 * Runs the model cut nowhere, and frees it again. Leaves `inputs` as they are. At optimisation 'basic', where every bit counts, open
 * shapes and weights are bound as segments have them; else the model runs as it is.
 */
export async function runWhole(
  loaded: LoadedModel,
  graph: Graph,
  inputs: readonly TensorValue[],
  options: LoadOptions,
): Promise<WholeAnswer> {
  return await withWhole(loaded, graph, options, async (answer) => {
    await answer(inputs);
    return await answer(inputs);
  });
}

/** As `runWhole`, once for each time that `use` asks. */
export async function withWhole<Result>(
  loaded: LoadedModel,
  graph: Graph,
  options: LoadOptions,
  use: (answer: (inputs: readonly TensorValue[]) => Promise<WholeAnswer>) => Promise<Result>,
): Promise<Result> {
  const executor = ortExecutor();
  const folder = await mkdtemp(join(tmpdir(), 'tandem-whole-'));
  try {
    const segment = await executor.load(
      await storedWhole(loaded, options.optimisation === 'basic' ? graph : null, folder),
      options,
    );
    return await use((inputs) => segment.run(inputs.map(copyOf), options.signal));
  } finally {
    await executor.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A file is loaded where it lies; what has to be made or bound is written out first, weights beside it, so that they can be mapped. */
async function storedWhole(
  loaded: LoadedModel,
  binding: Graph | null,
  folder: string,
): Promise<StoredSegment> {
  const digest = await loaded.digest();
  const asItIs = binding === null || isBound(loaded.model);
  if (loaded.path !== null && asItIs) return { digest, model: { path: loaded.path } };
  const path = join(folder, 'model.onnx');
  const whole = binding === null ? loaded.model : bindModel(loaded.model, binding);
  const { model, weights } = externaliseWeights(whole, { location: 'weights.bin' });
  await writeEncoded(join(folder, 'weights.bin'), weights);
  await writeEncoded(path, encodeModel(model));
  return { digest, model: { path } };
}

/** A run takes its inputs' buffers away. */
const copyOf = (tensor: TensorValue): TensorValue => ({ ...tensor, data: new Uint8Array(tensor.data) });
