import { type ErrorRecord, errorRecord, InvalidInputError } from '@tandem/core';
import { type ClusterEntries, clusterEntries, linkEntry, sockets, systemClock } from '@tandem/node';
import {
  askDescription,
  askLink,
  type DeviceDescription,
  type LinkMeasurement,
  measureLinkTo,
  type VisitOptions,
} from '@tandem/runtime';

/** An agent to ask. */
export interface NamedAgent {
  readonly device: string;
  readonly address: string;
}

export interface ProbedDevice {
  readonly device: string;
  /** Null for this machine. */
  readonly address: string | null;
  readonly description: DeviceDescription;
}

/** One direction: what was measured, or why not. */
export interface ProbedLink {
  readonly from: string;
  readonly to: string;
  readonly link: LinkMeasurement | null;
  readonly error: ErrorRecord | null;
}

/** '[DEVICE=]HOST:PORT' each; an agent without a name is called after its address. Throws InvalidInputError. */
export function namedAgents(texts: readonly string[], here: string): NamedAgent[] {
  const agents = texts.map((text) => {
    const split = text.indexOf('=');
    const address = text.slice(split + 1);
    const device =
      split < 0 ? address.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[._-]+/, '') : text.slice(0, split);
    return { device, address };
  });
  const names = [here, ...agents.map(({ device }) => device)];
  for (const name of names) requireIdentifier(name, names);
  return agents;
}

function requireIdentifier(name: string, names: readonly string[]): void {
  const valid = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name);
  if (valid && names.filter((each) => each === name).length === 1) return;
  throw new InvalidInputError(
    valid
      ? `two devices are called '${name}', expected a name of its own for each`
      : `a device is called '${name}', expected 1 to 64 letters, digits, '.', '_' or '-' that start with a letter or digit`,
    'Choose another name with --device NAME or --agent NAME=HOST:PORT.',
  );
}

/**
 * Measures one after the other, so that none disturbs another: from this machine to every agent, then between every two agents. A link
 * that cannot be measured says why. Throws the signal's reason.
 */
export async function probeLinks(
  here: string,
  agents: readonly NamedAgent[],
  options: Omit<VisitOptions, 'transport' | 'clock'>,
  onProgress: (line: string) => void,
): Promise<ProbedLink[]> {
  const visit = visitOptions(options);
  const links: ProbedLink[] = [];
  const add = async (from: string, to: string, work: () => Promise<LinkMeasurement>): Promise<void> => {
    onProgress(`the link from ${from} to ${to}`);
    try {
      links.push({ from, to, link: await work(), error: null });
    } catch (error) {
      if (options.signal.aborted) throw options.signal.reason;
      links.push({ from, to, link: null, error: errorRecord(error) });
    }
  };
  for (const { device, address } of agents) await add(here, device, () => measureLinkTo(address, visit));
  for (const from of agents)
    for (const to of agents)
      if (from !== to) await add(from.device, to.device, () => askLink(from.address, to.address, visit));
  return links;
}

/** What each agent says of itself, one after the other, since they may share a machine. */
export async function probeDevices(
  agents: readonly NamedAgent[],
  options: Omit<VisitOptions, 'transport' | 'clock'>,
  onProgress: (line: string) => void,
): Promise<ProbedDevice[]> {
  const devices: ProbedDevice[] = [];
  for (const agent of agents) {
    onProgress(`the description of ${agent.device}`);
    devices.push({ ...agent, description: await askDescription(agent.address, visitOptions(options)) });
  }
  return devices;
}

const visitOptions = (options: Omit<VisitOptions, 'transport' | 'clock'>): VisitOptions => ({
  transport: sockets(),
  clock: systemClock,
  ...options,
});

/** What a cluster file can hold of all this: devices whose memory and rates are known, and the links between them. */
export function entriesOf(
  devices: readonly ProbedDevice[],
  links: readonly ProbedLink[],
): ClusterEntries | null {
  const known = devices.flatMap(({ device, address, description }) => {
    const entries = clusterEntries(description, device, address ?? undefined);
    return entries === null ? [] : [{ device, entries }];
  });
  if (known.length === 0) return null;
  const names = new Set(known.map(({ device }) => device));
  const lines = links.flatMap(({ from, to, link }) =>
    link !== null && names.has(from) && names.has(to) ? [linkEntry(from, to, link)] : [],
  );
  return {
    hosts: known.flatMap(({ entries }) => entries.hosts),
    devices: known.flatMap(({ entries }) => entries.devices),
    ...(lines.length === 0 ? {} : { links: lines }),
  };
}
