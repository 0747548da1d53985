import { basename } from 'node:path';
import { parseScenario, type ScenarioDocument } from '@tandem/core';
import { readBounded } from '../files/read-bounded.ts';
import { decodeText } from './cluster-file.ts';
import { readYaml } from './yaml-document.ts';

/** Up to a hundred thousand arrivals. */
const limitBytes = 2 ** 21;

/** A scenario in a YAML or JSON file (at most 2 MiB). Every fault is an InvalidInputError that names the file and the line. */
export async function readScenarioFile(path: string): Promise<ScenarioDocument> {
  const bytes = readBounded(path, limitBytes, 'a scenario');
  const document = readYaml(decodeText(path, bytes, 'YAML or JSON'), basename(path));
  return parseScenario(document.value, document.where);
}
