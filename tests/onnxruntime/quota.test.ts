import { mkdir, readdir, readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hertz } from '@tandem/core';
import { systemClock, tcp } from '@tandem/node';
import { connectGateway } from '@tandem/runtime';
import { expect, it } from 'vitest';
import { startLocalAgent, token } from '../local-agent.ts';

const signal = AbortSignal.timeout(50_000);

/** Where control groups with quotas can be made here; null = nowhere. */
async function groups(): Promise<string | null> {
  for (const folder of ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup']) {
    const trial = join(folder, `tandem-test-${process.pid}`);
    const isMade = await mkdir(trial).then(
      () => true,
      () => false,
    );
    if (!isMade) continue;
    const files = await readdir(trial);
    await rmdir(trial);
    if (files.includes('cpu.max') || files.includes('cpu.cfs_quota_us')) return folder;
  }
  return null;
}

const folder = await groups();

// Control groups can be made by root alone, and not in every container.
it.skipIf(folder === null)(
  'has the kernel give an agent less time, and all of it again',
  async () => {
    const agent = await startLocalAgent('server', signal, ['--clocks', 'quota']);
    const group = async (): Promise<string> => await readFile(`/proc/${agent.pid}/cgroup`, 'utf8');
    const known = {
      device: 'server',
      hertz: hertz(2e9),
      highestHertz: hertz(2e9),
      threads: 1,
      imitated: false,
    };
    try {
      const before = await group();
      const addresses = { server: agent.address };
      const gateway = await connectGateway({
        transport: tcp(),
        clock: systemClock,
        token,
        addresses,
        signal,
      });
      try {
        expect(await gateway.setClock('server', hertz(5e8), signal, known)).toEqual({
          device: 'server',
          wantedHertz: 5e8,
          actuator: 'quota',
          hertz: 5e8,
          reason: null,
        });
        expect(await group()).toContain(`/tandem-${agent.pid}`);
      } finally {
        await gateway.close();
      }
      expect(await group()).toBe(before);
      expect(await readdir(folder ?? '')).not.toContain(`tandem-${agent.pid}`);
    } finally {
      await agent.stop();
    }
  },
  60_000,
);
