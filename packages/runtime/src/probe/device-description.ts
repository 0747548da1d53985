import type {
  Bytes,
  BytesPerSecond,
  FlopsPerSecond,
  Frequencies,
  Hertz,
  Microarchitecture,
} from '@tandem/core';

/** What a live device says about itself. A figure that cannot be read is absent, and `unknown` says why. */
export interface DeviceDescription {
  /** The processor's name. */
  readonly processor?: string;
  /** The board's or the computer's name, where the firmware gives one. */
  readonly board?: string;
  /** Operating system and Node.js. */
  readonly system: string;
  /** Logical processors that this process may use: its affinity, and no more than its control group's quota. */
  readonly threads: number;
  /** All memory, or the limit of the control group. */
  readonly memoryBytes?: Bytes;
  /** What new allocations can have now. */
  readonly availableMemoryBytes?: Bytes;
  readonly microarchitecture: Microarchitecture;
  readonly caches: readonly CacheLevel[];
  readonly frequencies?: Frequencies;
  /** Now. */
  readonly frequencyHertz?: Hertz;
  readonly governor?: string;
  /** Such as 'MAXN', where a tool names it. */
  readonly powerMode?: string;
  readonly sensors: Sensors;
  readonly matrixRates: readonly MatrixRate[];
  readonly copyRate?: CopyRate;
  /** Where each figure comes from, by its key. */
  readonly sources: readonly FigureSource[];
  readonly unknown: readonly UnknownFigure[];
}

export interface CacheLevel {
  readonly level: number;
  readonly kind: 'data' | 'instruction' | 'unified';
  readonly sizeBytes: Bytes;
  /** Logical processors. */
  readonly sharedBy: number;
}

export interface Sensors {
  readonly temperatureCelsius?: number;
  /** 0 to 1. */
  readonly batteryShare?: number;
  readonly charging?: boolean;
}

/** A product of square fp32 matrices; median of the rounds, and what lies between their quartiles. */
export interface MatrixRate {
  readonly threads: number;
  readonly size: number;
  readonly rounds: number;
  readonly flopsPerSecond: FlopsPerSecond;
  readonly spreadFlopsPerSecond: FlopsPerSecond;
}

/** One thread copies a block; a byte copied counts once. */
export interface CopyRate {
  readonly blockBytes: Bytes;
  readonly rounds: number;
  readonly bytesPerSecond: BytesPerSecond;
  readonly spreadBytesPerSecond: BytesPerSecond;
}

export interface FigureSource {
  readonly what: string;
  /** `read`: the system says so; `measured`: timed here; `known`: published for this processor. */
  readonly how: 'read' | 'measured' | 'known';
  readonly from: string;
}

export interface UnknownFigure {
  readonly what: string;
  readonly why: string;
}
