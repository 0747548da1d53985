import type { DeviceId } from '../cluster/cluster.ts';
import type { Graph } from '../graph/graph.ts';
import type { Bytes, Seconds } from '../units.ts';

/** Grows when an older program would misread a newer file. */
export const profileFormatVersion: number = 2;

/** What `tandem profile` measured of one model on one device with one model runtime. */
export interface ProfileFile {
  readonly model: MeasuredModel;
  readonly device: DeviceId;
  /** Name and version, such as 'onnxruntime-node 1.30.0'. */
  readonly runtime: string;
  readonly machine: MeasuredMachine;
  /** How often each thing was measured, each time in a fresh session of a fresh process. */
  readonly passes: number;
  readonly rows: readonly MeasuredRow[];
  readonly repeatability: readonly Repeatability[];
}

export interface MeasuredModel {
  readonly name: string;
  /** SHA-256 of the model's bytes, as Graph.modelDigest. */
  readonly digest: string;
  /** Graph.nodes.length */
  readonly nodes: number;
  readonly batches: readonly MeasuredBatch[];
}

export interface MeasuredBatch {
  readonly batch: number;
  /** As `inputShapes` writes them. */
  readonly inputs: string;
}

export interface MeasuredMachine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: Bytes;
  /** What an idle agent holds there, mapped files left out where the system tells them apart; absent in older files. */
  readonly runtimeBytes?: Bytes;
  readonly system: string;
}

/** Medians over the passes. */
export interface MeasuredRow {
  readonly kind: 'node' | 'segment' | 'codec';
  /** Node.name, or the segment as `nodeRanges` writes it, or the codec as `codecName` does. */
  readonly name: string;
  readonly threads: number;
  readonly batch: number;
  /** The processor's clock rate at the time; null where the system does not tell. */
  readonly frequencyHertz: number | null;
  /** Absent: as the machine was found, or at its highest rate where others were measured too. */
  readonly clock?: RowClock;
  /**
   * cold: the first run of a session. warm: the median of the runs after it, before each of which other work has taken the
   * processor's caches, as it does between requests.
   */
  readonly state: 'warm' | 'cold';
  readonly seconds: Seconds;
  /** Between the quartiles of the passes. */
  readonly spreadSeconds: Seconds;
  /** Of a codec: which way, and the size of the activation. */
  readonly step?: 'encode' | 'decode';
  readonly elements?: number;
  /** Of a cold segment: creating the session, weights in the page cache. */
  readonly loadSeconds?: Seconds;
  /** Of a cold segment: resident memory that the process gained by its peak; mapped weights count. */
  readonly memoryBytes?: Bytes;
}

/** How a row was slowed. */
export type RowClock = PaceClock | QuotaClock | LevelClock | ModeClock;

/** The measured time divided by the share, which is arithmetic and no measurement. */
export interface PaceClock {
  readonly kind: 'pace';
  /** Of full speed, in (0, 1). */
  readonly share: number;
}

/** Measured with the clock as it was, while the system let each thread run for a share of the time only. */
export interface QuotaClock {
  readonly kind: 'quota';
  /** Of the time, in (0, 1). */
  readonly share: number;
}

/** Measured with the clock held below the highest rate. */
export interface LevelClock {
  readonly kind: 'level';
  /** What was asked for; the row's frequencyHertz is what was seen. */
  readonly hertz: number;
}

/** Measured in another power mode of the machine than the one it was found in: clock rates, and often fewer processors. */
export interface ModeClock {
  readonly kind: 'mode';
  readonly name: string;
}

/** RMS over warm segments and passes of ln(a pass / the median of the other passes): 0.05 = passes differ by about 5 %. */
export interface Repeatability {
  readonly batch: number;
  readonly threads: number;
  /** Null for a single pass. */
  readonly rmsLogRatio: number | null;
}

/** What a model was fed, such as 'input float32[1,3,224,224]': times hold for these shapes only; of several requests, their rows together. */
export function inputShapes(graph: Graph, requests = 1): string {
  const inputs = graph.inputs.flatMap((id) => graph.tensors[id] ?? []);
  return inputs
    .map(({ name, type, shape }) => `${name} ${type}[${widened(shape, requests).join(',')}]`)
    .join(', ');
}

const widened = ([rows, ...extents]: readonly number[], requests: number): readonly number[] =>
  rows === undefined ? [] : [rows * requests, ...extents];

/** The text of a JSON file, with the name and version of the format first. */
export function writeProfile(file: ProfileFile): string {
  return `${JSON.stringify({ format: 'tandem-profile', formatVersion: profileFormatVersion, ...file }, null, 1)}\n`;
}
