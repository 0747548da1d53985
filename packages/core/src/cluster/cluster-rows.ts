import {
  type Bytes,
  bitsPerSecond,
  bytes,
  bytesPerSecond,
  flopsPerSecond,
  seconds,
  watts,
} from '../units.ts';
import { knownMicroarchitecture, knownThreads } from './catalogue/known-microarchitecture.ts';
import type { Device, Host, Link } from './cluster.ts';
import type { HostValues, MemoryValues } from './cluster-fields.ts';
import type { DeviceEntry } from './read-device.ts';
import type { LinkEntry } from './read-link.ts';

/** The memory that a host or device states, in bytes (1 GB = 1e9 bytes); null when it states none. */
export function statedMemory(values: MemoryValues): number | null {
  if (values.memoryBytes !== undefined) return values.memoryBytes;
  return values.memoryGigabytes === undefined ? null : Math.round(values.memoryGigabytes * 1e9);
}

/** A host that states no memory has as much as the largest of its devices is known to have; null when none is. */
export function hostMemory(values: HostValues, devices: readonly DeviceEntry[]): number | null {
  const stated = statedMemory(values);
  if (stated !== null) return stated;
  const known = devices.flatMap((device) =>
    device.host === values.id && device.like !== undefined
      ? [statedMemory(device) ?? device.like.figures.memoryBytes?.value ?? 0]
      : [],
  );
  const most = Math.max(0, ...known);
  return most === 0 ? null : most;
}

export function hostRow(values: HostValues, devices: readonly DeviceEntry[]): Host {
  return { id: values.id ?? '', memoryBytes: bytes(hostMemory(values, devices) ?? 0) };
}

/** What a device states itself goes before the catalogue, and that before the defaults. */
export function deviceRow(values: DeviceEntry, hosts: readonly Host[]): Device {
  const { like, gigaflopsPerSecond, memoryGigabytesPerSecond } = values;
  const known = like?.figures;
  return {
    id: values.id ?? '',
    host: values.host ?? '',
    kind: values.kind ?? like?.kind ?? 'cpu',
    memoryBytes: deviceMemory(values, hosts),
    flopsPerSecond:
      gigaflopsPerSecond === undefined
        ? (known?.flopsPerSecond?.value ?? flopsPerSecond(0))
        : flopsPerSecond(gigaflopsPerSecond * 1e9),
    memoryBytesPerSecond:
      memoryGigabytesPerSecond === undefined
        ? (known?.memoryBytesPerSecond?.value ?? bytesPerSecond(0))
        : bytesPerSecond(memoryGigabytesPerSecond * 1e9),
    launchSeconds: seconds((values.launchMicroseconds ?? 0) / 1e6),
    overheadBytes: bytes(Math.round((values.overheadMegabytes ?? 0) * 1e6)),
    load: values.load ?? 1,
    threads: values.threads ?? (like === undefined ? 1 : knownThreads(like)),
    ...hardwareOf(values),
    ...(values.loadMegabytesPerSecond === undefined
      ? {}
      : { loadBytesPerSecond: bytesPerSecond(values.loadMegabytesPerSecond * 1e6) }),
    ...(values.labels === undefined ? {} : { labels: values.labels }),
    ...(values.address === undefined ? {} : { address: values.address }),
    emulated: values.emulated ?? false,
  };
}

/** A device that states no memory has what its kind has, at most its host's; or else all of its host's. */
function deviceMemory(values: DeviceEntry, hosts: readonly Host[]): Bytes {
  const own = statedMemory(values);
  if (own !== null) return bytes(own);
  const all = hosts.find(({ id }) => id === values.host)?.memoryBytes ?? 0;
  return bytes(Math.min(all, values.like?.figures.memoryBytes?.value ?? all));
}

type Hardware = Pick<Device, 'frequencies' | 'power' | 'microarchitecture'>;

/** Key by key: own clocks replace the catalogue's, and so on; of the microarchitecture trait by trait. */
function hardwareOf({ like, frequencies, power, microarchitecture }: DeviceEntry): Hardware {
  const clocks = frequencies ?? like?.figures.frequencies?.value;
  const draw = power ?? like?.figures.power?.value;
  const traits =
    like === undefined ? microarchitecture : { ...knownMicroarchitecture(like), ...microarchitecture };
  return {
    ...(clocks === undefined ? {} : { frequencies: clocks }),
    ...(draw === undefined ? {} : { power: draw }),
    ...(traits === undefined ? {} : { microarchitecture: traits }),
  };
}

/** One link, or one for each direction. */
export function linkRows(values: LinkEntry): Link[] {
  const { burstBytes, transmitWatts, receiveWatts } = values;
  const forth: Link = {
    from: values.from ?? '',
    to: values.to ?? '',
    rate: values.rate ?? { kind: 'constant', bitsPerSecond: bitsPerSecond(0) },
    roundTripSeconds: seconds((values.roundTripMilliseconds ?? 0) / 1e3),
    perMessageSeconds: seconds((values.perMessageMilliseconds ?? 0) / 1e3),
    ...(burstBytes === undefined ? {} : { burstBytes: bytes(burstBytes) }),
    ...(transmitWatts === undefined ? {} : { transmitWatts: watts(transmitWatts) }),
    ...(receiveWatts === undefined ? {} : { receiveWatts: watts(receiveWatts) }),
  };
  return (values.bothWays ?? false) ? [forth, { ...forth, from: forth.to, to: forth.from }] : [forth];
}
