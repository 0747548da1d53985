import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ResourceError } from '@tandem/core';
import { memoryEnvironment } from '@tandem/node';
import { withScratch } from '../models/scratch.ts';
import { tsxProgram } from '../pipeline/line-process.ts';
import { tandemProgram } from '../tandem-program.ts';
import { parseScenario } from '../testbed/scenario.ts';
import { openTestbed, type Testbed } from '../testbed/testbed.ts';
import { answeredLine, type MemoryRun } from './lines.ts';

const requestProgram = tsxProgram(new URL('./request-process.ts', import.meta.url));
const requests = 4;
const timeoutSeconds = 120;

export interface Limits {
  readonly head: number;
  readonly tail: number;
}

export interface Outcome {
  readonly answered: boolean;
  /** What the gateway's process said last. */
  readonly words: string;
  /** The most that each group held. */
  readonly peakBytes: Limits;
  /** Whether the kernel ended the agent. */
  readonly killed: { readonly head: boolean; readonly tail: boolean };
}

/** Runs a plan of two stages on two agents, each in a memory group with this limit, the segments lying in `store` already. */
export async function runInGroups(
  run: Pick<MemoryRun, 'network' | 'headShare' | 'store'>,
  limits: Limits,
  signal: AbortSignal,
): Promise<Outcome> {
  const testbed = await openTestbed(scenarioOf(limits));
  try {
    return await withScratch(async (folder) => {
      const tokenFile = join(folder, 'token');
      await writeFile(tokenFile, 'a secret of the three hosts', { mode: 0o600 });
      const head = await startAgent(testbed, 'head', tokenFile, run.store);
      const tail = await startAgent(testbed, 'tail', tokenFile, run.store);
      const addresses = { head: head.address, tail: tail.address };
      const options: MemoryRun = { ...run, addresses, tokenFile, requests, timeoutSeconds };
      const command = [...requestProgram, JSON.stringify(options)];
      const gateway = testbed.exec('gateway', command, { signal });
      const [out, words] = await Promise.all([wordsOf(gateway.stdout), wordsOf(gateway.stderr)]);
      const answered = out !== '' && answeredLine.safeParse(JSON.parse(out)).success;
      return {
        answered,
        words,
        peakBytes: { head: testbed.peakMemoryBytes('head') ?? 0, tail: testbed.peakMemoryBytes('tail') ?? 0 },
        killed: { head: head.process.signalCode === 'SIGKILL', tail: tail.process.signalCode === 'SIGKILL' },
      };
    });
  } finally {
    await testbed.close();
  }
}

const scenarioOf = ({ head, tail }: Limits): ReturnType<typeof parseScenario> =>
  parseScenario(
    {
      name: 'two agents in memory groups',
      hosts: [
        { id: 'gateway' },
        { id: 'head', memoryBytes: Math.round(head) },
        { id: 'tail', memoryBytes: Math.round(tail) },
      ],
      links: [
        { between: ['gateway', 'head'] },
        { between: ['gateway', 'tail'] },
        { between: ['head', 'tail'] },
      ],
    },
    'the scenario',
  );

const wordsOf = (stream: ChildProcess['stdout']): Promise<string> =>
  stream === null ? Promise.resolve('') : text(stream);

async function startAgent(
  testbed: Testbed,
  host: string,
  tokenFile: string,
  store: string,
): Promise<{ readonly address: string; readonly process: ChildProcess }> {
  const address = `${testbed.address(host)}:7411`;
  const command = [
    process.execPath,
    tandemProgram,
    'agent',
    '--listen',
    address,
    '--token',
    tokenFile,
    '--store',
    store,
  ];
  const agent = testbed.exec(host, [...command, '--json'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...memoryEnvironment() },
  });
  if (agent.stdout === null) throw new ResourceError('the agent has no output', 'Start it with a pipe.');
  await once(agent.stdout, 'data', { signal: AbortSignal.timeout(20_000) });
  return { address, process: agent };
}
