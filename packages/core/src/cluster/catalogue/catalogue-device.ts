import type { Bytes, BytesPerSecond, FlopsPerSecond, Watts } from '../../units.ts';
import type { Device } from '../cluster.ts';
import type { DeviceClass, Frequencies, Power } from '../hardware.ts';
import type { Sourced } from './sourced.ts';

/** A kind of device that can be bought, or that a paper reckons with. What nobody published is absent. */
export interface CatalogueDevice {
  readonly title: string;
  readonly kind: Device['kind'];
  readonly class: DeviceClass;
  readonly figures: CatalogueFigures;
}

/** All for the whole engine: every core of the CPU, the whole GPU. */
export interface CatalogueFigures {
  /** Of the board, shared with whatever else runs on it; 1 GB = 1e9 bytes. */
  readonly memoryBytes?: Sourced<Bytes>;
  /** Of an accelerator that works from its host's memory. */
  readonly onChipMemoryBytes?: Sourced<Bytes>;
  /** What dense kernels sustain in fp32: what a cluster takes for the device's rate. */
  readonly flopsPerSecond?: Sourced<FlopsPerSecond>;
  /** fp32, on the data sheet: units × operations × clock. */
  readonly peakFlopsPerSecond?: Sourced<FlopsPerSecond>;
  /** Operations of 8-bit integers in a second, for what has no fp32. */
  readonly peakInt8OperationsPerSecond?: Sourced<number>;
  /** What a kernel reads and writes in a second: what a cluster takes for the device's memory rate. */
  readonly memoryBytesPerSecond?: Sourced<BytesPerSecond>;
  readonly peakMemoryBytesPerSecond?: Sourced<BytesPerSecond>;
  /** The most that it draws; where a range is printed, its upper end. */
  readonly peakWatts?: Sourced<Watts>;
  /** The lower end of such a range. */
  readonly leastPeakWatts?: Sourced<Watts>;
  readonly power?: Sourced<Power>;
  readonly frequencies?: Sourced<Frequencies>;
  /** CPU cores, or the streaming multiprocessors of a GPU. */
  readonly cores?: Sourced<number>;
  readonly simdBits?: Sourced<number>;
  readonly fmaUnits?: Sourced<number>;
  readonly level1Bytes?: Sourced<Bytes>;
  readonly level2Bytes?: Sourced<Bytes>;
  readonly level3Bytes?: Sourced<Bytes>;
  readonly instructionSets?: Sourced<readonly string[]>;
  readonly priceDollars?: Sourced<number>;
}

/** By the name that a cluster file gives after `like:`. */
export type DeviceFamily = Readonly<Record<string, CatalogueDevice>>;
