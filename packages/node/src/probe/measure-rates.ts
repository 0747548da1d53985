import { bytes, errorRecord } from '@tandem/core';
import type { DeviceDescription, FigureSource, MatrixRate, UnknownFigure } from '@tandem/runtime';
import { copyBlockBytes, measureCopy } from './measure-copy.ts';
import { measureMatrix } from './measure-matrix.ts';

export interface RateOptions {
  /** Thread counts for the matrix product. @default one, and as many as there are cores */
  readonly threads?: readonly number[];
  readonly signal: AbortSignal;
  /** A line for a person before each step. */
  readonly onProgress?: (line: string) => void;
}

/** What only measuring tells, apart from what was read. */
export type MeasuredRates = Pick<DeviceDescription, 'matrixRates' | 'copyRate' | 'sources' | 'unknown'>;

/**
 * Measures the two rates of a described machine: seconds of work on all cores. A rate that cannot be measured is absent with its
 * reason. Throws the signal's reason.
 */
export async function measureRates(
  described: DeviceDescription,
  { threads, signal, onProgress }: RateOptions,
): Promise<MeasuredRates> {
  const sources: FigureSource[] = [];
  const unknown: UnknownFigure[] = [];
  const attempt = async <Value>(
    what: string,
    from: string,
    work: () => Promise<Value>,
  ): Promise<Value | null> => {
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
  const counts = threads ?? [...new Set([1, described.microarchitecture.cores ?? described.threads])];
  const onRound = (count: number, round: number): void =>
    onProgress?.(`a product of matrices, ${count} thread${count === 1 ? '' : 's'}, round ${round + 1}`);
  const matrixRates =
    (await attempt('matrixFlopsPerSecond', 'a product of 1024 x 1024 fp32 matrices in ONNX Runtime', () =>
      measureMatrix({ threads: counts, signal, onRound }),
    )) ?? [];
  onProgress?.('copies in memory');
  const block = copyBlockBytes(described);
  if (block === null) {
    unknown.push({ what: 'copyBytesPerSecond', why: 'too little free memory to get past the caches' });
    return { matrixRates, sources, unknown };
  }
  const copyRate = await attempt('copyBytesPerSecond', `one thread copying ${block} bytes`, () =>
    measureCopy(bytes(block), signal),
  );
  return { matrixRates, sources, unknown, ...(copyRate === null ? {} : { copyRate }) };
}

/** The description with what was measured. */
export function withRates(described: DeviceDescription, rates: MeasuredRates): DeviceDescription {
  const { matrixRates, copyRate, sources, unknown } = rates;
  const fastest = fastestRate(matrixRates);
  const microarchitecture = {
    ...described.microarchitecture,
    ...(fastest === null ? {} : { matrixFlopsPerSecond: fastest.flopsPerSecond }),
    ...(copyRate === undefined ? {} : { copyBytesPerSecond: copyRate.bytesPerSecond }),
  };
  return {
    ...described,
    microarchitecture,
    matrixRates,
    ...(copyRate === undefined ? {} : { copyRate }),
    sources: [...described.sources, ...sources],
    unknown: [...described.unknown, ...unknown],
  };
}

/** The thread count that a device should have; the fewest threads among equals. */
export function fastestRate(rates: readonly MatrixRate[]): MatrixRate | null {
  return rates.reduce<MatrixRate | null>(
    (best, rate) => (best === null || rate.flopsPerSecond > best.flopsPerSecond ? rate : best),
    null,
  );
}
