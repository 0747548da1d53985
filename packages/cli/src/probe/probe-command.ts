import { InvalidInputError } from '@tandem/core';
import { type ClusterEntries, clusterYaml, probeMachine } from '@tandem/node';
import { readToken } from '../agent/read-token.ts';
import { countList } from '../count-list.ts';
import type { ProbeFlags } from '../flags.ts';
import type { Output } from '../output.ts';
import { checkSavable, saveFile } from '../save-file.ts';
import { slowLines } from '../slow-lines.ts';
import { stopSignal } from '../stop-signal.ts';
import { descriptionText } from './description-text.ts';
import { linksText } from './links-text.ts';
import {
  entriesOf,
  namedAgents,
  type ProbedDevice,
  type ProbedLink,
  probeDevices,
  probeLinks,
} from './probed-agents.ts';

/** The answer of `probe --json`. */
interface ProbeJson {
  /** This machine first, then the agents. */
  readonly devices: readonly ProbedDevice[];
  readonly links: readonly ProbedLink[];
  /** Entries of a cluster file; null when no device's memory and rates are known. */
  readonly cluster: ClusterEntries | null;
}

/** `tandem probe`: what this machine and running agents are, what was measured, and the entries of a cluster file that say so. */
export async function probeCommand(flags: ProbeFlags, output: Output): Promise<void> {
  const signal = stopSignal();
  await checkSavable('the cluster file', flags.output);
  const agents = namedAgents(flags.agent, flags.device);
  const threads = flags.threads === undefined ? {} : { threads: countList('--threads', flags.threads) };
  const options = { token: agents.length === 0 ? '' : await tokenOf(flags), signal };
  const onProgress = slowLines(output.progress);
  // First, so that an agent that cannot be reached is reported before minutes were spent.
  const others = await probeDevices(agents, options, onProgress);
  const description = await probeMachine({ ...threads, signal, onProgress });
  const links = await probeLinks(flags.device, agents, options, onProgress);
  const devices = [{ device: flags.device, address: null, description }, ...others];
  const answer: ProbeJson = { devices, links, cluster: entriesOf(devices, links) };
  if (flags.output !== undefined) await save(flags.output, answer.cluster);
  output.answer(answer, () => probeText(answer));
}

async function tokenOf({ token }: ProbeFlags): Promise<string> {
  if (token !== undefined) return await readToken(token);
  throw new InvalidInputError(
    'no token was given, and agents answer only those who know theirs',
    'Give the file that the agents were started with: --token FILE.',
  );
}

function probeText({ devices, links, cluster }: ProbeJson): string {
  return [
    ...devices.map(({ device, description }) => descriptionText(device, description)),
    ...(links.length === 0 ? [] : [linksText(links)]),
    cluster === null
      ? 'No entry for a cluster file: it would need memory and both rates.'
      : yamlOf(cluster).trimEnd(),
  ].join('\n\n');
}

const yamlOf = (cluster: ClusterEntries): string => clusterYaml(cluster, 'measured by tandem probe');

async function save(path: string, cluster: ClusterEntries | null): Promise<void> {
  if (cluster === null)
    throw new InvalidInputError(
      `${path} is not written: memory or a rate of every device is unknown`,
      'Run the command without --output: it says what is missing and why.',
    );
  await saveFile('the cluster file', path, yamlOf(cluster));
}
