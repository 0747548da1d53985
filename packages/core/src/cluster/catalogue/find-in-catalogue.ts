import { InvalidInputError } from '../../errors.ts';
import { nearestWord } from '../../search/nearest-word.ts';
import type { CatalogueDevice } from './catalogue-device.ts';
import { catalogueDevices } from './catalogue-devices.ts';
import { type CatalogueLink, catalogueLinks } from './catalogue-links.ts';

/** The device of this name. Throws InvalidInputError for an unknown one, with the nearest known. */
export function catalogueDevice(name: string): CatalogueDevice {
  return found(catalogueDevices, name, 'device');
}

/** The link of this name. Throws InvalidInputError for an unknown one, with the nearest known. */
export function catalogueLink(name: string): CatalogueLink {
  return found(catalogueLinks, name, 'link');
}

export type CatalogueEntry =
  | { readonly kind: 'device'; readonly device: CatalogueDevice }
  | { readonly kind: 'link'; readonly link: CatalogueLink };

/** The device or link of this name. Throws InvalidInputError for an unknown one, with the nearest known. */
export function catalogueEntry(name: string): CatalogueEntry {
  if (Object.hasOwn(catalogueLinks, name)) return { kind: 'link', link: catalogueLink(name) };
  if (Object.hasOwn(catalogueDevices, name)) return { kind: 'device', device: catalogueDevice(name) };
  throw unknown(name, [...Object.keys(catalogueDevices), ...Object.keys(catalogueLinks)], 'device or link');
}

/** "which the catalogue does not have, did you mean 'jetson-nano'?" */
export function notInCatalogue(name: string, known: readonly string[]): string {
  const nearest = nearestWord(name, known);
  const advice = nearest === null ? `expected one of ${known.join(', ')}.` : `did you mean '${nearest}'?`;
  return `which the catalogue does not have, ${advice}`;
}

function found<Entry>(entries: Readonly<Record<string, Entry>>, name: string, noun: string): Entry {
  const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
  if (entry === undefined) throw unknown(name, Object.keys(entries), noun);
  return entry;
}

function unknown(name: string, known: readonly string[], noun: string): InvalidInputError {
  return new InvalidInputError(
    `the ${noun} is '${name.slice(0, 60)}', ${notInCatalogue(name, known)}`,
    'Give a name that `tandem catalogue` lists.',
  );
}
