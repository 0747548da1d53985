import { bytes, errorRecord } from '@tandem/core';
import type { DeviceDescription, FigureSource, MatrixRate, UnknownFigure } from '@tandem/runtime';
import { type DescribeOptions, describeMachine } from './describe-machine.ts';
import { copyBlockBytes, measureCopy } from './measure-copy.ts';
import { measureMatrix } from './measure-matrix.ts';

export interface ProbeOptions extends DescribeOptions {
  /** Thread counts for the matrix product. @default one, and as many as there are cores */
  readonly threads?: readonly number[];
  readonly signal: AbortSignal;
  /** A line for a person before each step. */
  readonly onProgress?: (line: string) => void;
}

/**
 * Describes this machine and measures its two rates: seconds of work on all cores. A rate that cannot be measured is absent with its
 * reason. Throws the signal's reason.
 */
export async function probeMachine(options: ProbeOptions): Promise<DeviceDescription> {
  const { signal, onProgress } = options;
  const described = await describeMachine(options);
  const { microarchitecture: hardware } = described;
  const threads = options.threads ?? [...new Set([1, hardware.cores ?? described.threads])];
  const sources: FigureSource[] = [...described.sources];
  const unknown: UnknownFigure[] = [...described.unknown];
  const attempt = async <Value>(what: string, from: string, work: () => Promise<Value>) => {
    try {
      const value = await work();
      sources.push({ what, how: 'measured', from });
      return value;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      unknown.push({ what, why: errorRecord(error).message });
      return null;
    }
  };
  const onRound = (count: number, round: number): void =>
    onProgress?.(`a product of matrices, ${count} thread${count === 1 ? '' : 's'}, round ${round + 1}`);
  const matrixRates =
    (await attempt('matrixFlopsPerSecond', 'a product of 1024 x 1024 fp32 matrices in ONNX Runtime', () =>
      measureMatrix({ threads, signal, onRound }),
    )) ?? [];
  onProgress?.('copies in memory');
  const block = copyBlockBytes(described);
  if (block === null)
    unknown.push({ what: 'copyBytesPerSecond', why: 'too little free memory to get past the caches' });
  const copyRate =
    block === null
      ? null
      : await attempt('copyBytesPerSecond', `one thread copying ${block} bytes`, () =>
          measureCopy(bytes(block), signal),
        );
  const fastest = fastestRate(matrixRates);
  const microarchitecture = {
    ...hardware,
    ...(fastest === null ? {} : { matrixFlopsPerSecond: fastest.flopsPerSecond }),
    ...(copyRate === null ? {} : { copyBytesPerSecond: copyRate.bytesPerSecond }),
  };
  const rates = copyRate === null ? { matrixRates } : { matrixRates, copyRate };
  return { ...described, microarchitecture, ...rates, sources, unknown };
}

/** The thread count that a device should have; the fewest threads among equals. */
export function fastestRate(rates: readonly MatrixRate[]): MatrixRate | null {
  return rates.reduce<MatrixRate | null>(
    (best, rate) => (best === null || rate.flopsPerSecond > best.flopsPerSecond ? rate : best),
    null,
  );
}
