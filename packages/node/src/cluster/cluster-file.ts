import { basename, dirname, resolve } from 'node:path';
import { type Cluster, InvalidInputError, parseCluster } from '@tandem/core';
import { readBounded } from '../files/read-bounded.ts';
import { readYaml } from './yaml-document.ts';

const limitBytes = 2 ** 20;
const traceLimitBytes = 2 ** 22;

/**
 * A cluster described in a YAML or JSON file (at most 1 MiB; the format is `parseCluster`'s). Trace files (at most 4 MiB each) are named
 * relative to it. Every fault is an InvalidInputError that names the file and the line.
 */
export async function readClusterFile(path: string): Promise<Cluster> {
  const bytes = readBounded(path, limitBytes, 'a cluster description');
  const document = readYaml(decodeText(path, bytes, 'YAML or JSON'), basename(path));
  const readTrace = (name: string): string => {
    const file = resolve(dirname(path), name);
    return decodeText(file, readBounded(file, traceLimitBytes, 'a trace'), 'text');
  };
  return parseCluster(document.value, document.where, readTrace);
}

export function decodeText(path: string, bytes: Uint8Array, form: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InvalidInputError(`${path} is not UTF-8 text.`, `Save it as UTF-8 ${form}.`, { cause });
  }
}
