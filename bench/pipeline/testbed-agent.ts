import { startAgentProcess } from '@tandem/node';
import { tandemProgram } from '../tandem-program.ts';
import type { Testbed } from '../testbed/testbed.ts';

/** An agent on a host of the testbed, by the host's name. */
export function startTestbedAgent(
  testbed: Testbed,
  host: string,
  token: string,
  signal: AbortSignal,
): ReturnType<typeof startAgentProcess> {
  const listen = `${testbed.address(host)}:7411`;
  const command = testbed.inside(host, [
    process.execPath,
    tandemProgram,
    'agent',
    '--parent',
    '--listen',
    listen,
  ]);
  return startAgentProcess({ command, device: host, token, signal });
}
