import type { HostValues, MemoryValues } from './cluster-fields.ts';
import { hostMemory, statedMemory } from './cluster-rows.ts';
import { type DocumentFaults, type DocumentPath, pathText, valueText } from './document-faults.ts';
import type { DeviceEntry } from './read-device.ts';
import type { LinkEntry } from './read-link.ts';

/** The entries of a cluster file; each field has passed its own check or is absent. */
export interface ClusterValues {
  readonly hosts: readonly HostValues[];
  readonly devices: readonly DeviceEntry[];
  readonly links: readonly LinkEntry[];
  readonly source: string | undefined;
  readonly sink: string | undefined;
}

/** Adds what the entries contradict in each other. References are only checked when both lists are `complete`. */
export function checkClusterValues(values: ClusterValues, complete: boolean, faults: DocumentFaults): void {
  checkIdentifiers('hosts', values.hosts, faults);
  checkIdentifiers('devices', values.devices, faults);
  for (const [index, host] of values.hosts.entries()) checkHost(host, index, values, faults);
  for (const [index, device] of values.devices.entries()) checkDevice(device, index, values, faults);
  checkLinks(values.links, faults);
  if (complete) checkReferences(values, faults);
}

function checkIdentifiers(
  list: string,
  entries: readonly { readonly id?: string }[],
  faults: DocumentFaults,
): void {
  const seen = new Map<string, number>();
  for (const [index, { id }] of entries.entries()) {
    if (id === undefined) continue;
    const first = seen.get(id);
    if (first === undefined) seen.set(id, index);
    else
      faults.add([list, index, 'id'], `${list}[${index}].id '${id}' is taken by ${list}[${first}] already.`);
  }
}

function checkHost(host: HostValues, index: number, values: ClusterValues, faults: DocumentFaults): void {
  const path = ['hosts', index];
  checkMemoryKeys(host, path, faults);
  if (host.id === undefined || hostMemory(host, values.devices) !== null) return;
  faults.add(
    path,
    `${pathText(path)} ('${host.id}') states no memory, expected memoryGigabytes or memoryBytes.`,
  );
}

function checkMemoryKeys(values: MemoryValues, path: DocumentPath, faults: DocumentFaults): void {
  if (values.memoryBytes === undefined || values.memoryGigabytes === undefined) return;
  faults.add(
    [...path, 'memoryBytes'],
    `${pathText(path)} has memoryBytes and memoryGigabytes, expected one of them.`,
  );
}

function checkDevice(
  device: DeviceEntry,
  index: number,
  values: ClusterValues,
  faults: DocumentFaults,
): void {
  const path = ['devices', index];
  const what = `${pathText(path)} ('${device.id ?? '?'}')`;
  checkMemoryKeys(device, path, faults);
  if (device.emulated === true && device.address !== undefined) {
    faults.add(
      [...path, 'emulated'],
      `${what} is emulated and has an address, expected one or the other: only this machine imitates.`,
    );
  }
  const host = values.hosts.find(({ id }) => id !== undefined && id === device.host);
  const own = statedMemory(device);
  const all = host === undefined ? null : hostMemory(host, values.devices);
  if (own === null || all === null || own <= all) return;
  const key = device.memoryBytes === undefined ? 'memoryGigabytes' : 'memoryBytes';
  faults.add(
    [...path, key],
    `${what} has ${own} bytes of memory, expected at most the ${all} of its host '${host?.id}'.`,
  );
}

function checkLinks(links: readonly LinkEntry[], faults: DocumentFaults): void {
  const seen = new Map<string, number>();
  for (const [index, link] of links.entries()) {
    if (link.from === undefined || link.to === undefined) continue;
    if (link.from === link.to) {
      faults.add(['links', index], `links[${index}] joins '${link.from}' to itself, expected two devices.`);
      continue;
    }
    const directions = [[link.from, link.to]];
    if (link.bothWays === true) directions.push([link.to, link.from]);
    for (const [from, to] of directions) {
      const direction = `'${from}' to '${to}'`;
      const first = seen.get(direction);
      if (first === undefined) seen.set(direction, index);
      else
        faults.add(
          ['links', index],
          `links[${index}] goes from ${direction}, as links[${first}] does already.`,
        );
    }
  }
}

function checkReferences(values: ClusterValues, faults: DocumentFaults): void {
  if (values.devices.length === 0) faults.add(['devices'], 'devices is empty, expected at least one device.');
  const hosts = identifiersOf(values.hosts);
  const devices = identifiersOf(values.devices);
  const check = (id: string | undefined, known: Identifiers, path: DocumentPath, noun: string): void => {
    if (id === undefined || known === null || known.has(id)) return;
    faults.add(
      path,
      `${pathText(path)} is ${valueText(id)}, expected the id of a ${noun} in the ${noun}s list.`,
    );
  };
  for (const [index, { host }] of values.devices.entries())
    check(host, hosts, ['devices', index, 'host'], 'host');
  for (const [index, { from, to }] of values.links.entries()) {
    check(from, devices, ['links', index, 'from'], 'device');
    check(to, devices, ['links', index, 'to'], 'device');
  }
  check(values.source, devices, ['source'], 'device');
  check(values.sink, devices, ['sink'], 'device');
}

/** Null when an entry's id is not known, and anything may refer to it. */
type Identifiers = ReadonlySet<string> | null;

function identifiersOf(entries: readonly { readonly id?: string }[]): Identifiers {
  const known = new Set<string>();
  for (const { id } of entries) {
    if (id === undefined) return null;
    known.add(id);
  }
  return known;
}
