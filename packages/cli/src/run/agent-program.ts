import { fileURLToPath } from 'node:url';

/** The command that starts an agent as a child of this process: this very program, compiled. */
export const agentProgram: readonly [string, ...string[]] = [
  process.execPath,
  fileURLToPath(new URL('../main.js', import.meta.url)),
  'agent',
  '--parent',
  '--listen',
  '127.0.0.1:0',
];
