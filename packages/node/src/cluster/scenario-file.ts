import { basename } from 'node:path';
import {
  type ChaosDocument,
  type Mission,
  parseChaos,
  parseMission,
  parseScenario,
  type ScenarioDocument,
} from '@tandem/core';
import { readBounded } from '../files/read-bounded.ts';
import { decodeText } from './cluster-file.ts';
import { readYaml, type YamlDocument } from './yaml-document.ts';

/** Up to a hundred thousand arrivals. */
const limitBytes = 2 ** 21;

/** A scenario in a YAML or JSON file (at most 2 MiB). Every fault is an InvalidInputError that names the file and the line. */
export async function readScenarioFile(path: string): Promise<ScenarioDocument> {
  const { value, where } = readDocument(path);
  return parseScenario(value, where);
}

/** As `readScenarioFile`, of `tandem chaos`. */
export async function readChaosFile(path: string): Promise<ChaosDocument> {
  const { value, where } = readDocument(path);
  return parseChaos(value, where);
}

/** As `readScenarioFile`, of `tandem run --mission`. */
export async function readMissionFile(path: string): Promise<Mission> {
  const { value, where } = readDocument(path, 'a mission');
  return parseMission(value, where);
}

function readDocument(path: string, what = 'a scenario'): YamlDocument {
  const bytes = readBounded(path, limitBytes, what);
  return readYaml(decodeText(path, bytes, 'YAML or JSON'), basename(path));
}
