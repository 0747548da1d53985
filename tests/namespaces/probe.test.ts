import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json, text } from 'node:stream/consumers';
import { readClusterFile } from '@tandem/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseScenario } from '../../bench/testbed/scenario.ts';
import { testbedSupport } from '../../bench/testbed/support.ts';
import { openTestbed, type Testbed } from '../../bench/testbed/testbed.ts';
import { main } from '../command-line.ts';

const support = testbedSupport();
if (!support.supported) console.warn(`SKIPPED: measuring shaped links needs a testbed: ${support.reason}`);

const scenario = parseScenario(
  {
    name: 'near and far',
    hosts: [{ id: 'near' }, { id: 'far' }],
    links: [{ between: ['near', 'far'], megabitsPerSecond: 20, backMegabitsPerSecond: 10 }],
  },
  'scenario',
);

const answerShape = z.object({
  links: z.array(
    z.object({
      from: z.string(),
      to: z.string(),
      link: z.object({ bitsPerSecond: z.number(), transferSeconds: z.number() }),
    }),
  ),
});

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-links-'));
  await writeFile(join(folder, 'token'), 'a secret of near and far', { mode: 0o600 });
});
afterEach(() => rm(folder, { recursive: true }));

describe.skipIf(!support.supported)('tandem probe --agent', () => {
  // Goodput stays some per cent below the shaped rate: one wire byte in 20 is a header. A busy machine only delays, hence the slack below.
  it('measures each direction of a shaped link, agent to agent', { retry: 2, timeout: 240_000 }, async () => {
    const testbed = await openTestbed(scenario);
    try {
      const addresses = await Promise.all([startAgent(testbed, 'near'), startAgent(testbed, 'far')]);
      const path = join(folder, 'cluster.yaml');
      const agents = addresses.flatMap((address) => ['--agent', address]);
      const probe = testbed.exec('near', [
        process.execPath,
        main,
        'probe',
        '--threads',
        '1',
        ...agents,
        '--token',
        join(folder, 'token'),
        '--output',
        path,
        '--json',
      ]);
      const [printed, errors] = await Promise.all([json(stream(probe.stdout)), text(stream(probe.stderr))]);
      const { links } = answerShape.parse(printed, { error: () => `${JSON.stringify(printed)} ${errors}` });
      const megabits = (from: string, to: string): number =>
        (links.find((link) => link.from === from && link.to === to)?.link.bitsPerSecond ?? 0) / 1e6;
      expect(megabits('near', 'far') / 20).toBeGreaterThan(0.8);
      expect(megabits('near', 'far') / 20).toBeLessThan(1);
      expect(megabits('far', 'near') / 10).toBeGreaterThan(0.8);
      expect(megabits('far', 'near') / 10).toBeLessThan(1);
      expect(megabits('here', 'far') / 20).toBeGreaterThan(0.8);
      expect(megabits('here', 'far') / 20).toBeLessThan(1);
      const cluster = await readClusterFile(path);
      expect(cluster.devices.map(({ id }) => id)).toEqual(['here', 'near', 'far']);
      expect(cluster.links.map(({ from, to }) => [from, to])).toEqual([
        ['here', 'near'],
        ['here', 'far'],
        ['near', 'far'],
        ['far', 'near'],
      ]);
    } finally {
      await testbed.close();
    }
  });
});

/** NAME=HOST:PORT of a new agent. */
async function startAgent(testbed: Testbed, host: string): Promise<string> {
  const address = `${testbed.address(host)}:7411`;
  const agent: ChildProcess = testbed.exec(host, [
    process.execPath,
    main,
    'agent',
    '--listen',
    address,
    '--token',
    join(folder, 'token'),
    '--json',
  ]);
  await new Promise<void>((resolve, reject) => {
    agent.stdout?.once('data', () => resolve());
    agent.once('exit', (status) => reject(new Error(`the agent ended with ${status}`)));
  });
  return `${host}=${address}`;
}

function stream(of: NodeJS.ReadableStream | null): NodeJS.ReadableStream {
  if (of === null) throw new Error('no stream');
  return of;
}
