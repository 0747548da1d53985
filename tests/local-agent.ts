import { type AgentProcess, startAgentProcess } from '@tandem/node';
import { main } from './command-line.ts';

/** What agents of a test and whoever talks to them know. */
export const token = 'a secret of this test, long enough';

/** An agent in a process of its own, on a free port of this machine; `more` are flags. */
export function startLocalAgent(
  device: string,
  signal: AbortSignal,
  more: readonly string[] = [],
): Promise<AgentProcess> {
  const command = [process.execPath, main, 'agent', '--parent', '--listen', '127.0.0.1:0', ...more] as const;
  return startAgentProcess({ command, device, token, signal });
}

/** All of them at once, in the order of the devices. */
export function startLocalAgents(devices: readonly string[], signal: AbortSignal): Promise<AgentProcess[]> {
  return Promise.all(devices.map((device) => startLocalAgent(device, signal)));
}

/** By device, as a gateway wants them. */
export function addressesOf(agents: readonly AgentProcess[]): Record<string, string> {
  return Object.fromEntries(agents.map(({ device, address }) => [device, address]));
}
