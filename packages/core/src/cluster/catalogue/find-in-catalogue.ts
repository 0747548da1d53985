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

/** "which the catalogue does not have, did you mean 'jetson-nano'?" */
export function notInCatalogue(name: string, known: readonly string[]): string {
  const nearest = nearestWord(name, known);
  const advice = nearest === null ? `expected one of ${known.join(', ')}.` : `did you mean '${nearest}'?`;
  return `which the catalogue does not have, ${advice}`;
}

function found<Entry>(entries: Readonly<Record<string, Entry>>, name: string, noun: string): Entry {
  const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
  if (entry !== undefined) return entry;
  throw new InvalidInputError(
    `the ${noun} is '${name.slice(0, 60)}', ${notInCatalogue(name, Object.keys(entries))}`,
    'Give a name that `tandem catalogue` lists.',
  );
}
