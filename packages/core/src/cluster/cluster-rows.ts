import { bitsPerSecond, bytes, bytesPerSecond, flopsPerSecond, seconds } from '../units.ts';
import type { Device, Host, Link } from './cluster.ts';
import type { DeviceValues, HostValues, LinkValues, MemoryValues } from './cluster-fields.ts';

/** The memory that a host or device states, in bytes (1 GB = 1e9 bytes); null when it states none. */
export function statedMemory(values: MemoryValues): number | null {
  if (values.memoryBytes !== undefined) return values.memoryBytes;
  return values.memoryGigabytes === undefined ? null : Math.round(values.memoryGigabytes * 1e9);
}

export function hostRow(values: HostValues): Host {
  return { id: values.id ?? '', memoryBytes: bytes(statedMemory(values) ?? 0) };
}

/** A device that states no memory may use all of its host's. */
export function deviceRow(values: DeviceValues, hosts: readonly Host[]): Device {
  const host = hosts.find(({ id }) => id === values.host);
  return {
    id: values.id ?? '',
    host: values.host ?? '',
    kind: values.kind ?? 'cpu',
    memoryBytes: bytes(statedMemory(values) ?? host?.memoryBytes ?? 0),
    flopsPerSecond: flopsPerSecond((values.gigaflopsPerSecond ?? 0) * 1e9),
    memoryBytesPerSecond: bytesPerSecond((values.memoryGigabytesPerSecond ?? 0) * 1e9),
    launchSeconds: seconds((values.launchMicroseconds ?? 0) / 1e6),
    overheadBytes: bytes(Math.round((values.overheadMegabytes ?? 0) * 1e6)),
    load: values.load ?? 1,
    threads: values.threads ?? 1,
    ...(values.address === undefined ? {} : { address: values.address }),
    emulated: values.emulated ?? false,
  };
}

/** One link, or one for each direction. */
export function linkRows(values: LinkValues): Link[] {
  const forth: Link = {
    from: values.from ?? '',
    to: values.to ?? '',
    rate: { kind: 'constant', bitsPerSecond: bitsPerSecond((values.megabitsPerSecond ?? 0) * 1e6) },
    roundTripSeconds: seconds((values.roundTripMilliseconds ?? 0) / 1e3),
    perMessageSeconds: seconds((values.perMessageMilliseconds ?? 0) / 1e3),
  };
  return (values.bothWays ?? false) ? [forth, { ...forth, from: forth.to, to: forth.from }] : [forth];
}
