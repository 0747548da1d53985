import type { Frequencies, Microarchitecture } from '@tandem/core';
import type { DeviceDescription, LinkMeasurement } from '@tandem/runtime';
import { stringify } from 'yaml';
import { fastestRate } from './measure-rates.ts';

type Entry = Readonly<Record<string, unknown>>;

/** The entries of a cluster file, with the keys that `parseCluster` takes. */
export interface ClusterEntries {
  readonly hosts: readonly Entry[];
  readonly devices: readonly Entry[];
  readonly links?: readonly Entry[];
}

/**
 * A host and its device as a cluster file states them, or null when a figure that the file requires is not known: memory and the two
 * rates. A copy reads and writes, so the device's memory rate is twice the copy's.
 */
export function clusterEntries(
  description: DeviceDescription,
  id: string,
  address?: string,
): ClusterEntries | null {
  const { memoryBytes, matrixRates, copyRate, frequencies, microarchitecture } = description;
  const fastest = fastestRate(matrixRates);
  if (memoryBytes === undefined || fastest === null || copyRate === undefined) return null;
  const device = {
    id,
    host: id,
    kind: 'cpu',
    gigaflopsPerSecond: rounded(fastest.flopsPerSecond / 1e9),
    memoryGigabytesPerSecond: rounded((2 * copyRate.bytesPerSecond) / 1e9),
    threads: fastest.threads,
    ...(frequencies === undefined ? {} : { frequencies: frequencyEntry(frequencies) }),
    microarchitecture: traitEntry(microarchitecture),
    ...(address === undefined ? {} : { address }),
  };
  return { hosts: [{ id, memoryBytes }], devices: [device] };
}

/** A link as a cluster file states it. */
export function linkEntry(from: string, to: string, link: LinkMeasurement): Entry {
  return {
    from,
    to,
    megabitsPerSecond: rounded(link.bitsPerSecond / 1e6),
    roundTripMilliseconds: rounded(link.roundTripSeconds * 1e3),
    perMessageMilliseconds: rounded(link.perMessageSeconds * 1e3),
    ...(link.burstBytes === 0 ? {} : { burstBytes: link.burstBytes }),
  };
}

/** As a part of a cluster file, `comment` above it. */
export function clusterYaml(entries: object, comment: string): string {
  return `# ${comment}\n${stringify(entries, { lineWidth: 0 })}`;
}

function frequencyEntry(frequencies: Frequencies): Entry {
  return frequencies.kind === 'levels'
    ? { levelsMegahertz: frequencies.levelsHertz.map((level) => level / 1e6) }
    : { minimumMegahertz: frequencies.minimumHertz / 1e6, maximumMegahertz: frequencies.maximumHertz / 1e6 };
}

function traitEntry(traits: Microarchitecture): Entry {
  const {
    level1Bytes,
    level2Bytes,
    level3Bytes,
    matrixFlopsPerSecond: matrix,
    copyBytesPerSecond: copy,
    ...same
  } = traits;
  return {
    ...same,
    ...(level1Bytes === undefined ? {} : { level1Kibibytes: level1Bytes / 1024 }),
    ...(level2Bytes === undefined ? {} : { level2Kibibytes: level2Bytes / 1024 }),
    ...(level3Bytes === undefined ? {} : { level3Kibibytes: level3Bytes / 1024 }),
    ...(matrix === undefined ? {} : { matrixGigaflopsPerSecond: rounded(matrix / 1e9) }),
    ...(copy === undefined ? {} : { copyGigabytesPerSecond: rounded(copy / 1e9) }),
  };
}

/** Measured figures repeat within per cents: four digits say enough. */
const rounded = (value: number): number => Number(value.toPrecision(4));
