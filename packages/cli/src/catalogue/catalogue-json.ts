import {
  type CatalogueDevice,
  type CatalogueEntry,
  type CatalogueFigures,
  type CatalogueLink,
  catalogueDevices,
  catalogueLinks,
  type Device,
  type DeviceClass,
  type Sourced,
} from '@tandem/core';

/** A device in the list: what a cluster takes from it. Null where nothing is published. */
export interface ListedDevice {
  readonly name: string;
  readonly title: string;
  readonly kind: Device['kind'];
  readonly class: DeviceClass;
  readonly memoryBytes: number | null;
  readonly flopsPerSecond: number | null;
  readonly peakFlopsPerSecond: number | null;
  readonly memoryBytesPerSecond: number | null;
  readonly peakWatts: number | null;
}

export interface ListedLink {
  readonly name: string;
  readonly title: string;
  readonly megabitsPerSecond: number;
}

/** The answer of `catalogue --json`. */
export interface CatalogueJson {
  readonly devices: readonly ListedDevice[];
  readonly links: readonly ListedLink[];
}

/** The answer of `catalogue NAME --json`: every figure with its source. */
export interface EntryJson {
  readonly name: string;
  readonly entry: 'device' | 'link';
  readonly title: string;
  readonly kind?: Device['kind'];
  readonly class?: DeviceClass;
  readonly figures: CatalogueFigures | Pick<CatalogueLink, 'megabitsPerSecond'>;
}

export function catalogueJson(): CatalogueJson {
  return {
    devices: Object.entries(catalogueDevices).map(([name, device]) => listedDevice(name, device)),
    links: Object.entries(catalogueLinks).map(([name, { title, megabitsPerSecond }]) => ({
      name,
      title,
      megabitsPerSecond: megabitsPerSecond.value,
    })),
  };
}

function listedDevice(
  name: string,
  { title, kind, class: deviceClass, figures }: CatalogueDevice,
): ListedDevice {
  const known = (figure: Sourced<number> | undefined): number | null => figure?.value ?? null;
  return {
    name,
    title,
    kind,
    class: deviceClass,
    memoryBytes: known(figures.memoryBytes ?? figures.onChipMemoryBytes),
    flopsPerSecond: known(figures.flopsPerSecond),
    peakFlopsPerSecond: known(figures.peakFlopsPerSecond),
    memoryBytesPerSecond: known(figures.memoryBytesPerSecond),
    peakWatts: known(figures.peakWatts),
  };
}

export function entryJson(name: string, found: CatalogueEntry): EntryJson {
  if (found.kind === 'device') return { name, entry: 'device', ...found.device };
  const { title, megabitsPerSecond } = found.link;
  return { name, entry: 'link', title, figures: { megabitsPerSecond } };
}
