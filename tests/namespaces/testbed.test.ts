import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { measureGoodput } from '../../bench/testbed/goodput.ts';
import { namespaceFolder } from '../../bench/testbed/network.ts';
import { namesIn } from '../../bench/testbed/owner.ts';
import { parseScenario, type Scenario } from '../../bench/testbed/scenario.ts';
import { memoryController, testbedSupport } from '../../bench/testbed/support.ts';
import { removeOrphans } from '../../bench/testbed/teardown.ts';
import { openTestbed } from '../../bench/testbed/testbed.ts';

const support = testbedSupport();
if (!support.supported) console.warn(`SKIPPED: tests/namespaces needs a testbed: ${support.reason}`);

const pair = (megabitsPerSecond?: number): Scenario =>
  parseScenario(
    {
      name: 'pair',
      hosts: [{ id: 'left' }, { id: 'right' }],
      links: [{ between: ['left', 'right'], megabitsPerSecond }],
    },
    'pair',
  );

describe.skipIf(!support.supported)('testbed', () => {
  afterEach(() => expect(leftovers(process.pid)).toEqual([]));

  // A third of a second each. One wire byte in 20 is a header, hence never 1; a busy machine only delays, so the lower bound tells a link
  // that is shaped from one that is broken, and the goodput bench tells how exact it is.
  it.each([
    { rate: 5, bytes: 250_000 },
    { rate: 20, bytes: 900_000 },
    { rate: 50, bytes: 2_000_000 },
    { rate: 100, bytes: 4_000_000 },
  ])('carries $rate Mbit/s', { retry: 2 }, async ({ rate, bytes }) => {
    const testbed = await openTestbed(pair(rate));
    try {
      const ratio = (await measureGoodput(testbed, 'left', 'right', bytes)) / rate;
      expect(ratio).toBeGreaterThan(0.5);
      expect(ratio).toBeLessThan(0.98);
    } finally {
      await testbed.close();
    }
  });

  it('shapes each direction by itself, and joins only what has a link', { retry: 2 }, async () => {
    const testbed = await openTestbed(
      parseScenario(
        {
          name: 'star',
          hosts: [{ id: 'hub' }, { id: 'near' }, { id: 'far' }],
          links: [
            { between: ['hub', 'near'], megabitsPerSecond: 50, backMegabitsPerSecond: 10 },
            { between: ['hub', 'far'], megabitsPerSecond: 20 },
          ],
        },
        'star',
      ),
    );
    try {
      const out = await measureGoodput(testbed, 'hub', 'near', 1_000_000);
      const back = await measureGoodput(testbed, 'near', 'hub', 300_000);
      expect(out / 50).toBeLessThan(0.98);
      expect(back / 10).toBeLessThan(0.98);
      // More than the slower direction could carry.
      expect(out).toBeGreaterThan(12);
      const refused = `require('node:net').connect(1, '${testbed.address('far')}').on('error', (e) => process.exit(e.code === 'ENETUNREACH' ? 7 : 8))`;
      expect(await exitStatus(testbed.exec('near', [process.execPath, '-e', refused]))).toBe(7);
    } finally {
      await testbed.close();
    }
  });

  it('changes the rate of one direction while it is up', { retry: 2 }, async () => {
    const testbed = await openTestbed(pair(50));
    try {
      testbed.setRate({ from: 'left', to: 'right' }, 5);
      const out = await measureGoodput(testbed, 'left', 'right', 250_000);
      const back = await measureGoodput(testbed, 'right', 'left', 2_000_000);
      expect(out).toBeLessThan(5);
      expect(out).toBeGreaterThan(2.5);
      expect(back).toBeGreaterThan(10);
      expect(() => testbed.setRate({ from: 'left', to: 'nobody' }, 5)).toThrow('nobody');
    } finally {
      await testbed.close();
    }
  });

  it('kills a process that outgrows its memory', async () => {
    const scenario: Scenario = {
      name: 'tight',
      hosts: [{ id: 'tight', memoryBytes: 128 * 1024 * 1024 }],
      links: [],
    };
    const testbed = await openTestbed(scenario);
    try {
      const fill = (megabytes: number) => [process.execPath, '-e', `Buffer.alloc(${megabytes} * 2 ** 20, 1)`];
      expect(await exitStatus(testbed.exec('tight', fill(16)))).toBe(0);
      expect(await exitStatus(testbed.exec('tight', fill(512)))).toBe('SIGKILL');
      expect(testbed.peakMemoryBytes('tight')).toBeGreaterThan(100 * 1024 * 1024);
    } finally {
      await testbed.close();
    }
  });

  it('lives side by side with another', async () => {
    const [first, second] = [await openTestbed(pair(20)), await openTestbed(pair())];
    await first.close();
    expect(await exitStatus(second.exec('left', ['true']))).toBe(0);
    await second.close();
    await second.close();
  });

  it('leaves nothing when it cannot be built', async () => {
    const scenario: Scenario = { name: 'broken', hosts: [{ id: 'left' }, { id: 'no/name' }], links: [] };
    await expect(openTestbed(scenario)).rejects.toThrow('no/name');
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('is removed by %s', async (signal) => {
    const { owner } = await holder();
    owner.kill(signal);
    expect(await exitStatus(owner)).toBe(signal);
    expect(leftovers(owner.pid)).toEqual([]);
  });

  it.each(['exit', 'throw'])('is removed when the owner does %s', async (order) => {
    const { owner } = await holder();
    owner.stdin?.write(order);
    await exitStatus(owner);
    expect(leftovers(owner.pid)).toEqual([]);
  });

  it('is swept by the next testbed after the owner was killed', async () => {
    const { owner, sleeper } = await holder();
    owner.kill('SIGKILL');
    await exitStatus(owner);
    expect(leftovers(owner.pid)).toHaveLength(3);
    await (await openTestbed(pair())).close();
    expect(leftovers(owner.pid)).toEqual([]);
    expect(existsSync(`/proc/${sleeper}/ns/net`)).toBe(false);
  });

  it('does not sweep a living owner', async () => {
    const { owner } = await holder();
    removeOrphans();
    expect(leftovers(owner.pid)).toHaveLength(3);
    owner.kill('SIGTERM');
    await exitStatus(owner);
  });
});

/** Names of namespaces and groups that carry this owner's process id. */
function leftovers(pid: number | undefined): string[] {
  const own = (name: string): boolean => name.startsWith(`tandem-testbed-${pid}-`);
  return [...namesIn(namespaceFolder, own), ...namesIn(memoryController, own)];
}

async function holder(): Promise<{ owner: ChildProcess; sleeper: number }> {
  const script = fileURLToPath(new URL('./hold-testbed.ts', import.meta.url));
  const owner = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['pipe', 'pipe', 'ignore'] });
  const line = await createInterface({ input: owner.stdout })[Symbol.asyncIterator]().next();
  const { sleeper } = JSON.parse(String(line.value)) as { readonly sleeper: number };
  return { owner, sleeper };
}

async function exitStatus(child: ChildProcess): Promise<number | string | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.signalCode ?? child.exitCode;
}
