import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { availableParallelism, freemem, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { formatBytes } from '../quantities.ts';
import type { Check } from './check.ts';

const oldestNode = [20, 19] as const;
const comfortableMemory = 2e9;
const comfortableDisk = 2e9;

/** The version of Node.js, processors, memory and temporary space. */
export const machineChecks: readonly Check[] = [
  {
    name: 'Node.js',
    severity: 'fail',
    remedy: `Install Node.js ${oldestNode.join('.')} or newer.`,
    look: async () => {
      requireVersion(process.versions.node);
      return { found: `${process.versions.node} on ${process.platform} ${process.arch}` };
    },
  },
  {
    name: 'processors',
    severity: 'warn',
    remedy:
      'Emulated devices share one processor here, so their timings disturb each other: plan, but measure elsewhere.',
    look: async () => {
      const count = availableParallelism();
      return { found: `${count} can be used`, well: count >= 2 };
    },
  },
  {
    name: 'memory',
    severity: 'warn',
    remedy: 'Close other programs, or choose a smaller model.',
    look: async () => {
      const found = `${formatBytes(freemem())} free of ${formatBytes(totalmem())}`;
      return { found, well: freemem() >= comfortableMemory };
    },
  },
  {
    name: 'temporary files',
    severity: 'fail',
    remedy: 'Set TMPDIR to a folder on a disk with some gigabytes left that you may write to.',
    look: async () => {
      await writeTemporary();
      const { bavail, bsize } = await statfs(tmpdir());
      return {
        found: `${formatBytes(bavail * bsize)} free in ${tmpdir()}`,
        well: bavail * bsize >= comfortableDisk,
      };
    },
  },
];

/** Throws when `version` ('20.19.1') is older than what Tandem needs. */
export function requireVersion(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = oldestNode;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new Error(`${version} is older than ${oldestNode.join('.')}`);
}

async function writeTemporary(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-doctor-'));
  try {
    await writeFile(join(folder, 'probe'), new Uint8Array(2 ** 20));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
