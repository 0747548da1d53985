import { execFile } from 'node:child_process';
import { access, constants, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Check } from './check.ts';

const run = promisify(execFile);

/** What measuring over real, shaped links needs; nothing else does. */
export const testbedChecks: readonly Check[] = [
  {
    name: 'network namespaces',
    severity: 'warn',
    remedy:
      'Only the testbed of shaped links needs it: run on Linux as root or with CAP_NET_ADMIN and CAP_SYS_ADMIN.',
    look: async () => {
      requireCapabilities(await readFile('/proc/self/status', 'utf8'));
      return { found: 'this process may make them' };
    },
  },
  toolCheck('ip', 'iproute2'),
  toolCheck('tc', 'iproute2'),
  {
    name: 'memory cgroups',
    severity: 'warn',
    remedy:
      'Only the memory limits of the testbed need it: mount the memory controller so that this user may write to it.',
    look: async () => ({ found: await memoryCgroup() }),
  },
];

function toolCheck(name: string, packageName: string): Check {
  return {
    name,
    severity: 'warn',
    remedy: `Only the testbed of shaped links needs it: install ${packageName}.`,
    look: async (signal) => ({ found: (await run(name, ['-V'], { signal })).stdout.trim() }),
  };
}

const needed = [
  ['CAP_NET_ADMIN', 12n],
  ['CAP_SYS_ADMIN', 21n],
] as const;

/** Throws unless the text of /proc/self/status shows the capabilities that making a namespace takes. */
export function requireCapabilities(status: string): void {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  if (effective === undefined) throw new Error('the capabilities of this process are not known');
  const missing = needed.filter(([, bit]) => ((BigInt(`0x${effective}`) >> bit) & 1n) === 0n);
  if (missing.length > 0) throw new Error(`${missing.map(([name]) => name).join(' and ')} missing`);
}

async function memoryCgroup(): Promise<string> {
  const first = '/sys/fs/cgroup/memory';
  if (await writable(first)) return `version 1 at ${first}`;
  const controllers = await readFile('/sys/fs/cgroup/cgroup.controllers', 'utf8').catch(() => '');
  if (controllers.includes('memory') && (await writable('/sys/fs/cgroup')))
    return 'version 2 at /sys/fs/cgroup';
  throw new Error('no writable memory controller');
}

async function writable(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}
