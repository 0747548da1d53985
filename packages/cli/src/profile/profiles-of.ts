import { readFile } from 'node:fs/promises';
import {
  type Bytes,
  bytes,
  type Cluster,
  type DeviceId,
  type Graph,
  InvalidInputError,
  type Profile,
  profileFor,
  readProfile,
} from '@tandem/core';

/** What profiles say of the devices of a cluster. */
export interface DeviceProfiles {
  readonly profile: Profile;
  /** Devices for which the cluster file states no overhead have the one that was measured with their profile. */
  readonly cluster: Cluster;
}

/**
 * What the files of `--profile [DEVICE=]FILE` measured, for the devices of `cluster`; without DEVICE the one that the file names.
 * Throws InvalidInputError for a file that cannot be read or a device that the cluster has not, RefusedError for another model's.
 */
export async function profilesOf(
  specifications: readonly string[],
  graph: Graph,
  cluster: Cluster,
): Promise<DeviceProfiles> {
  const profiles = await Promise.all(specifications.map((text) => profileOf(text, graph, cluster)));
  const overheads = new Map(profiles.map(({ device, overheadBytes }) => [device, overheadBytes]));
  const devices = cluster.devices.map((device) =>
    device.overheadBytes > 0
      ? device
      : { ...device, overheadBytes: overheads.get(device.id) ?? device.overheadBytes },
  );
  const together = profiles.flatMap(({ profile }) => profile.otherBatches ?? []);
  const others = profiles.flatMap(({ profile }) => profile.otherThreads ?? []);
  return {
    profile: {
      rows: profiles.flatMap(({ profile }) => profile.rows),
      segments: profiles.flatMap(({ profile }) => profile.segments ?? []),
      ...(others.length === 0 ? {} : { otherThreads: others }),
      ...(together.length === 0 ? {} : { otherBatches: together }),
    },
    cluster: { ...cluster, devices },
  };
}

interface DeviceProfile {
  readonly device: DeviceId;
  readonly profile: Profile;
  readonly overheadBytes: Bytes;
}

async function profileOf(specification: string, graph: Graph, cluster: Cluster): Promise<DeviceProfile> {
  const split = specification.indexOf('=');
  const path = specification.slice(split + 1);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new InvalidInputError(
      `the profile ${path} cannot be read`,
      'Give a file that `tandem profile` wrote.',
      { cause },
    );
  });
  const file = readProfile(text);
  const id = split < 0 ? file.device : specification.slice(0, split);
  const device = cluster.devices.find((candidate) => candidate.id === id);
  if (device !== undefined) {
    const overheadBytes = file.machine.runtimeBytes ?? bytes(0);
    return { device: id, profile: profileFor(file, graph, device), overheadBytes };
  }
  throw new InvalidInputError(
    `the profile ${path} is for the device '${id}', expected one of ${cluster.devices.map((each) => `'${each.id}'`).join(', ')}`,
    'Say which device it describes: --profile DEVICE=FILE.',
  );
}
