import type { CatalogueDevice } from './catalogue/catalogue-device.ts';
import { catalogueDevices } from './catalogue/catalogue-devices.ts';
import { notInCatalogue } from './catalogue/find-in-catalogue.ts';
import { type DeviceValues, deviceFields } from './cluster-fields.ts';
import { type DocumentFaults, type DocumentPath, pathText, valueText } from './document-faults.ts';
import { readFields, statedKeys } from './document-fields.ts';
import type { Frequencies, Microarchitecture, Power } from './hardware.ts';
import { readFrequencies, readMicroarchitecture, readPower } from './read-hardware.ts';

/** A device as its entry and the catalogue describe it; what is faulty is absent. */
export interface DeviceEntry
  extends Omit<DeviceValues, 'like' | 'frequencies' | 'power' | 'microarchitecture'> {
  readonly like?: CatalogueDevice;
  readonly frequencies?: Frequencies;
  readonly power?: Power;
  readonly microarchitecture?: Microarchitecture;
}

/** The entry at `path`; a key that neither it nor the device that it is like states is a fault. */
export function readDevice(value: unknown, path: DocumentPath, faults: DocumentFaults): DeviceEntry {
  const {
    like: name,
    frequencies,
    power,
    microarchitecture,
    ...own
  } = readFields<DeviceValues>(value, path, deviceFields, faults);
  const like = name === undefined ? undefined : likeDevice(name, [...path, 'like'], faults);
  if (name === undefined || like !== undefined) checkStated(value, like, path, faults);
  const clocks = frequencies && readFrequencies(frequencies, [...path, 'frequencies'], faults);
  const draw = power && readPower(power, [...path, 'power'], faults);
  const core =
    microarchitecture && readMicroarchitecture(microarchitecture, [...path, 'microarchitecture'], faults);
  return {
    ...own,
    ...(like === undefined ? {} : { like }),
    ...(clocks === undefined ? {} : { frequencies: clocks }),
    ...(draw === undefined ? {} : { power: draw }),
    ...(core === undefined ? {} : { microarchitecture: core }),
  };
}

function likeDevice(name: string, path: DocumentPath, faults: DocumentFaults): CatalogueDevice | undefined {
  const like = Object.hasOwn(catalogueDevices, name) ? catalogueDevices[name] : undefined;
  if (like === undefined) {
    const advice = notInCatalogue(name, Object.keys(catalogueDevices));
    faults.add(path, `${pathText(path)} is ${valueText(name)}, ${advice}`);
  }
  return like;
}

const needed = ['kind', 'gigaflopsPerSecond', 'memoryGigabytesPerSecond'] as const;

/** What a device cannot do without. A key that is there and faulty has been told already. */
function checkStated(
  value: unknown,
  like: CatalogueDevice | undefined,
  path: DocumentPath,
  faults: DocumentFaults,
): void {
  const stated = statedKeys(value, needed);
  if (stated === null) return;
  const known = {
    kind: like?.kind,
    gigaflopsPerSecond: like?.figures.flopsPerSecond,
    memoryGigabytesPerSecond: like?.figures.memoryBytesPerSecond,
  };
  for (const key of needed) {
    if (known[key] !== undefined || stated.includes(key)) continue;
    const silence =
      like === undefined ? '' : '; the catalogue has no such figure of the device that it is like';
    faults.add(
      path,
      `${pathText([...path, key])} is absent, expected ${deviceFields[key].expected}${silence}.`,
    );
  }
}
