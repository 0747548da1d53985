import { isIPv6 } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { TransportName } from '../flags.ts';

/** The command that starts an agent as a child of this process, on any free port of `host`: this very program, compiled. */
export function agentProgram(host: string, transport: TransportName): readonly [string, ...string[]] {
  const main = fileURLToPath(new URL('../main.js', import.meta.url));
  const place = isIPv6(host) ? `[${host}]:0` : `${host}:0`;
  const listen = transport === 'websocket' ? `ws://${place}` : place;
  return [process.execPath, main, 'agent', '--parent', '--listen', listen];
}
