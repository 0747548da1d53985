import type { Bytes, BytesPerSecond, FlopsPerSecond, Seconds, Watts } from '../units.ts';
import type { Frequencies, Microarchitecture, Power } from './hardware.ts';
import type { Rate } from './rate.ts';

export type HostId = string;
export type DeviceId = string;

/** The machines, the engines in them and the directed links between engines. */
export interface Cluster {
  readonly name: string;
  readonly hosts: readonly Host[];
  readonly devices: readonly Device[];
  readonly links: readonly Link[];
  /** Where requests enter unless a command says otherwise; absent = the first device. */
  readonly source?: DeviceId;
  /** Where answers are wanted unless a command says otherwise; absent = where the request entered. */
  readonly sink?: DeviceId;
}

/** A physical machine; its devices share its memory. */
export interface Host {
  readonly id: HostId;
  readonly memoryBytes: Bytes;
}

/** One engine that executes stages: a CPU with its threads, a GPU, an accelerator. */
export interface Device {
  readonly id: DeviceId;
  readonly host: HostId;
  readonly kind: 'cpu' | 'gpu' | 'npu';
  readonly memoryBytes: Bytes;
  /** What dense kernels sustain at the highest frequency, not the data sheet's peak. */
  readonly flopsPerSecond: FlopsPerSecond;
  readonly memoryBytesPerSecond: BytesPerSecond;
  /** Added once for each node executed. @default 0 */
  readonly launchSeconds: Seconds;
  /** What the model runtime holds before any segment is loaded. @default 0 */
  readonly overheadBytes: Bytes;
  /** >= 1: how many times slower it is now than when idle. @default 1 */
  readonly load: number;
  /** @default 1 */
  readonly threads: number;
  /** Clock rates that it can be set to; absent = it always runs at its highest. */
  readonly frequencies?: Frequencies;
  readonly power?: Power;
  readonly microarchitecture?: Microarchitecture;
  /** How fast a cold model reaches its memory; absent = loading costs nothing that the plan counts. */
  readonly loadBytesPerSecond?: BytesPerSecond;
  /** Free words about it, such as 'board' or 'outdoors'; no planner reads meaning into them. */
  readonly labels?: readonly string[];
  /** 'HOST:PORT' (TCP) or 'ws://HOST:PORT' of a running agent; absent = `tandem run` starts one on this machine. */
  readonly address?: string;
  /**
   * True for a device that is imitated on faster hardware: its agent holds every answer until the predicted time, and its links
   * are paced to their rate. Never set for a device with an `address`.
   * @default false
   */
  readonly emulated: boolean;
}

/** One direction of a connection between two devices. Devices without a link cannot send to each other. */
export interface Link {
  readonly from: DeviceId;
  readonly to: DeviceId;
  readonly rate: Rate;
  readonly roundTripSeconds: Seconds;
  /** Added once for each tensor sent. @default 0 */
  readonly perMessageSeconds: Seconds;
  /** Of each tensor, so many bytes take no time on the line: a bucket of tokens that is full again lets them through. @default 0 */
  readonly burstBytes?: Bytes;
  /** What the sender draws while it sends, above what its device draws anyway; absent = not counted. */
  readonly transmitWatts?: Watts;
  /** The same for the receiver while it receives. */
  readonly receiveWatts?: Watts;
}
