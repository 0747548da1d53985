import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json, text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseScenario } from '../../bench/testbed/scenario.ts';
import { testbedSupport } from '../../bench/testbed/support.ts';
import { openTestbed, type Testbed } from '../../bench/testbed/testbed.ts';
import { main } from '../command-line.ts';

const support = testbedSupport();
if (!support.supported) console.warn(`SKIPPED: a second computer needs a testbed: ${support.reason}`);

const port = 7411;

const scenario = parseScenario(
  {
    name: 'desk and board',
    hosts: [{ id: 'board' }, { id: 'desk' }],
    links: [{ between: ['board', 'desk'], megabitsPerSecond: 20 }],
  },
  'scenario',
);

/** The board is so slow, and its picture so small, that everything goes to the desk. */
const clusterFile = (address: string): string => `
hosts: [{ id: board, memoryGigabytes: 1 }, { id: desk, memoryGigabytes: 4 }]
devices:
  - { id: board, host: board, kind: cpu, gigaflopsPerSecond: 0.1, memoryGigabytesPerSecond: 3 }
  - { id: desk, host: desk, kind: cpu, gigaflopsPerSecond: 60, memoryGigabytesPerSecond: 10, address: '${address}' }
links: [{ from: board, to: desk, megabitsPerSecond: 20, roundTripMilliseconds: 1, bothWays: true }]
`;

const answerShape = z.object({
  agents: z.array(z.object({ device: z.string(), pid: z.int(), address: z.string() })),
  stages: z.array(z.object({ device: z.string() })),
  equality: z.object({ holds: z.boolean() }),
  measuredSeconds: z.number(),
});

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-second-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe.skipIf(!support.supported)('a second computer', () => {
  it('takes part by its address and sends the answer back to an agent that the first one started', async () => {
    const testbed = await openTestbed(scenario);
    try {
      const { address, agent } = await startDesk(testbed);
      const cluster = join(folder, 'cluster.yaml');
      await writeFile(cluster, clusterFile(address));
      const run = testbed.exec('board', [
        process.execPath,
        main,
        'run',
        'zoo:cifar-resnet-8',
        '--cluster',
        cluster,
        '--token',
        join(folder, 'token'),
        '--json',
      ]);
      const [printed, errors] = await Promise.all([json(out(run)), text(errorsOf(run))]);
      const answer = answerShape.parse(printed, { error: () => errors });
      expect(answer.stages).toEqual([{ device: 'desk' }]);
      expect(answer.equality.holds).toBe(true);
      expect(answer.agents).toContainEqual({ device: 'desk', pid: agent.pid, address });
      const boardAddress = testbed.address('board');
      expect(answer.agents.find(({ device }) => device === 'board')?.address).toContain(boardAddress);
      // 12,288 bytes at 20 Mbit/s take 4.9 ms on the wire, whatever else happens.
      expect(answer.measuredSeconds).toBeGreaterThan(0.0049);
    } finally {
      await testbed.close();
    }
  });
});

async function startDesk(testbed: Testbed): Promise<{ address: string; agent: ChildProcess }> {
  const token = join(folder, 'token');
  await writeFile(token, 'a secret of board and desk', { mode: 0o600 });
  const address = `${testbed.address('desk')}:${port}`;
  const agent = testbed.exec('desk', [
    process.execPath,
    main,
    'agent',
    '--listen',
    address,
    '--token',
    token,
    '--json',
  ]);
  await new Promise<void>((resolve, reject) => {
    agent.stdout?.once('data', () => resolve());
    agent.once('exit', (status) => reject(new Error(`the agent ended with ${status}`)));
  });
  return { address, agent };
}

function out(child: ChildProcess): NodeJS.ReadableStream {
  if (child.stdout === null) throw new Error('no standard output');
  return child.stdout;
}

function errorsOf(child: ChildProcess): NodeJS.ReadableStream {
  if (child.stderr === null) throw new Error('no standard error');
  return child.stderr;
}
