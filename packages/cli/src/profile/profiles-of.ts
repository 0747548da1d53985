import { readFile } from 'node:fs/promises';
import {
  type Cluster,
  type Graph,
  InvalidInputError,
  type Profile,
  profileFor,
  readProfile,
} from '@tandem/core';

/**
 * What the files of `--profile [DEVICE=]FILE` measured, for the devices of `cluster`; without DEVICE the one that the file names.
 * Throws InvalidInputError for a file that cannot be read or a device that the cluster has not, RefusedError for another model's.
 */
export async function profilesOf(
  specifications: readonly string[],
  graph: Graph,
  cluster: Cluster,
): Promise<Profile> {
  const profiles = await Promise.all(specifications.map((text) => profileOf(text, graph, cluster)));
  return {
    rows: profiles.flatMap(({ rows }) => rows),
    segments: profiles.flatMap(({ segments }) => segments ?? []),
  };
}

async function profileOf(specification: string, graph: Graph, cluster: Cluster): Promise<Profile> {
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
  if (device !== undefined) return profileFor(file, graph, device);
  throw new InvalidInputError(
    `the profile ${path} is for the device '${id}', expected one of ${cluster.devices.map((each) => `'${each.id}'`).join(', ')}`,
    'Say which device it describes: --profile DEVICE=FILE.',
  );
}
