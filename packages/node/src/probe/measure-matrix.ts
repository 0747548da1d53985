import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createModelBuilder, type EncodedModel, encodeModel, flopsPerSecond, quantile } from '@tandem/core';
import type { MatrixRate } from '@tandem/runtime';
import { writeEncoded } from '../files/write-encoded.ts';
import { measure } from '../profile/measure.ts';

/** Three matrices of 4 MB: more than most second caches, and a twentieth of a second on a common core. */
const size = 1024;
const rounds = 3;

export interface MatrixOptions {
  /** Thread counts. */
  readonly threads: readonly number[];
  readonly signal: AbortSignal;
  /** Called before each round. */
  readonly onRound?: (threads: number, round: number) => void;
}

/**
 * Multiplies two fp32 matrices in ONNX Runtime, each round in a fresh process; the rounds go through all thread counts in turn. A
 * multiply-add is two operations. Throws what `measure` throws, the signal's reason.
 */
export async function measureMatrix({ threads, signal, onRound }: MatrixOptions): Promise<MatrixRate[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-probe-'));
  try {
    const path = join(folder, 'model.onnx');
    await writeEncoded(path, product(), { signal });
    const inputs = ['a', 'b'].map((name) => ({ name, type: 'float32', shape: [size, size] }) as const);
    const rates = new Map(threads.map((count) => [count, [] as number[]]));
    for (let round = 0; round < rounds; round++) {
      for (const [count, ofCount] of rates) {
        onRound?.(count, round);
        const { warmSeconds } = await measure({ path, inputs, threads: count, profilePrefix: null }, signal);
        ofCount.push((2 * size ** 3) / warmSeconds);
      }
    }
    return [...rates].map(([count, ofCount]) => ({
      threads: count,
      size,
      rounds,
      flopsPerSecond: flopsPerSecond(quantile(ofCount, 0.5)),
      spreadFlopsPerSecond: flopsPerSecond(quantile(ofCount, 0.75) - quantile(ofCount, 0.25)),
    }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function product(): EncodedModel {
  const model = createModelBuilder({ name: 'matrix product' });
  const [left, right] = ['a', 'b'].map((name) => model.input(name, 'float32', [size, size]));
  model.output(model.node('MatMul', [left ?? '', right ?? ''], {}, 'product'), 'float32', [size, size]);
  return encodeModel(model.build());
}
