import { InvalidInputError, seconds, type TimedSegment } from '@tandem/core';
import { networks } from './networks.ts';
import { placementOf } from './placement.ts';

/** One kept row: its time, and the names that the evaluation groups by and that no predictor sees. */
export interface Timing {
  readonly device: string;
  readonly chip: string;
  /** Device, threads and cores chosen: one list of networks that ran under the same conditions. */
  readonly setting: string;
  readonly network: string;
  readonly segment: TimedSegment;
  /** Largest over smallest run within the row. */
  readonly spread: number;
}

/** Why a row is left out, in the order in which it is asked. */
export const exclusions = ['gpu', 'int8', 'unknown network', 'unknown device', 'no time'] as const;
export type Exclusion = (typeof exclusions)[number];

interface Row {
  readonly device: string;
  readonly num_threads: string;
  readonly powersave: string;
  readonly gpu_device: string;
  readonly model: string;
  readonly min_ms: string;
  readonly max_ms: string;
  readonly avg_ms: string;
}

const columns = [
  'device',
  'num_threads',
  'powersave',
  'gpu_device',
  'loop_count',
  'model',
  'min_ms',
  'max_ms',
  'avg_ms',
] as const;

export interface NcnnTable {
  /** Settings and networks as they come; a setting that was measured twice is two settings. */
  readonly timings: readonly Timing[];
  readonly excluded: Readonly<Record<Exclusion, number>>;
}

/** The rule: kept are fp32 runs on CPUs, of networks that can be counted, on devices whose cores are known. Null = kept. */
function exclusionOf(row: Row): Exclusion | null {
  if (row.gpu_device !== '-1') return 'gpu';
  if (/[-_]int8$/.test(row.model)) return 'int8';
  if (!Object.hasOwn(networks, row.model)) return 'unknown network';
  if (placementOf(row.device, Number(row.num_threads), Number(row.powersave)) === null)
    return 'unknown device';
  return Number(row.avg_ms) > 0 ? null : 'no time';
}

/** Reads the table's text. Throws InvalidInputError where its columns are others. */
export function readNcnnTable(text: string): NcnnTable {
  const [header = '', ...lines] = text.trimEnd().split(/\r?\n/);
  if (header !== columns.join(','))
    throw new InvalidInputError(
      `the first line is '${header.slice(0, 200)}', expected '${columns.join(',')}'`,
      'Give ncnn_benchmark.csv as it was made.',
    );
  const work = new Map(Object.entries(networks).map(([name, network]) => [name, network.work()]));
  const excluded: Record<Exclusion, number> = {
    gpu: 0,
    int8: 0,
    'unknown network': 0,
    'unknown device': 0,
    'no time': 0,
  };
  const repeats = new Map<string, number>();
  const timings: Timing[] = [];
  for (const line of lines) {
    const row = rowOf(line);
    const exclusion = exclusionOf(row);
    const placement = placementOf(row.device, Number(row.num_threads), Number(row.powersave));
    const network = work.get(row.model);
    if (exclusion !== null) excluded[exclusion]++;
    if (exclusion !== null || placement === null || network === undefined) continue;
    const setting = [row.device, row.num_threads, row.powersave].join(' | ');
    const key = `${setting} | ${row.model}`;
    const repeat = (repeats.get(key) ?? 0) + 1;
    repeats.set(key, repeat);
    timings.push({
      device: row.device,
      chip: placement.chip,
      setting: repeat === 1 ? setting : `${setting} | ${repeat}`,
      network: row.model,
      segment: { work: network, device: placement.traits, seconds: seconds(Number(row.avg_ms) / 1e3) },
      spread: Number(row.max_ms) / Number(row.min_ms),
    });
  }
  return { timings, excluded };
}

/** A line's fields; a device name with commas stands in quotes. */
function rowOf(line: string): Row {
  const fields = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
  const field = (name: (typeof columns)[number]): string => fields[columns.indexOf(name)] ?? '';
  return {
    device: field('device'),
    num_threads: field('num_threads'),
    powersave: field('powersave'),
    gpu_device: field('gpu_device'),
    model: field('model'),
    min_ms: field('min_ms'),
    max_ms: field('max_ms'),
    avg_ms: field('avg_ms'),
  };
}
