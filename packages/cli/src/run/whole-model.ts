import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeModel, externaliseWeights, type Seconds } from '@tandem/core';
import { type LoadedModel, ortExecutor, writeEncoded } from '@tandem/node';
import type { LoadOptions, StoredSegment, TensorValue } from '@tandem/runtime';

/** What the model answers when it runs in one piece on this machine. */
export interface WholeAnswer {
  readonly outputs: readonly TensorValue[];
  /** Inside ONNX Runtime, the second of two runs. */
  readonly computeSeconds: Seconds;
}

/** Runs the model as it is, cut nowhere, and frees it again. Leaves `inputs` as they are. */
export async function runWhole(
  loaded: LoadedModel,
  inputs: readonly TensorValue[],
  options: LoadOptions,
): Promise<WholeAnswer> {
  const executor = ortExecutor();
  const folder = await mkdtemp(join(tmpdir(), 'tandem-whole-'));
  try {
    const segment = await executor.load(await storedWhole(loaded, folder), options);
    await segment.run(inputs.map(copyOf), options.signal);
    return await segment.run(inputs.map(copyOf), options.signal);
  } finally {
    await executor.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A file is loaded where it lies; a built-in network is written out first, weights beside it, so that they can be mapped. */
async function storedWhole(loaded: LoadedModel, folder: string): Promise<StoredSegment> {
  const digest = await loaded.digest();
  if (loaded.path !== null) return { digest, model: { path: loaded.path } };
  const path = join(folder, 'model.onnx');
  const { model, weights } = externaliseWeights(loaded.model, { location: 'weights.bin' });
  await writeEncoded(join(folder, 'weights.bin'), weights);
  await writeEncoded(path, encodeModel(model));
  return { digest, model: { path } };
}

/** A run takes its inputs' buffers away. */
const copyOf = (tensor: TensorValue): TensorValue => ({ ...tensor, data: new Uint8Array(tensor.data) });
