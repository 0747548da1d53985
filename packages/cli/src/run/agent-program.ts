import { isIPv6 } from 'node:net';
import { fileURLToPath } from 'node:url';

/** The command that starts an agent as a child of this process, on any free port of `host`: this very program, compiled. */
export function agentProgram(host: string): readonly [string, ...string[]] {
  const main = fileURLToPath(new URL('../main.js', import.meta.url));
  const listen = isIPv6(host) ? `[${host}]:0` : `${host}:0`;
  return [process.execPath, main, 'agent', '--parent', '--listen', listen];
}
