import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { ExecutionError } from '@tandem/core';
import { memoryEnvironment } from '@tandem/node';
import { withScratch } from '../models/scratch.ts';
import { tsxProgram } from '../pipeline/line-process.ts';
import { measureGoodput } from '../testbed/goodput.ts';
import { parseScenario } from '../testbed/scenario.ts';
import { openTestbed, type Testbed } from '../testbed/testbed.ts';
import {
  type CutLine,
  type MeasuredLink,
  measuredLine,
  type RequestLine,
  type RequestOptions,
} from './lines.ts';
import { probeLink } from './link-probe.ts';

/** One model over one link. */
export interface Condition {
  readonly model: string;
  readonly profile: string;
  readonly megabits: number;
  readonly budgetSeconds: number;
  readonly fewestRounds: number;
}

export interface ConditionLines {
  readonly link: MeasuredLink;
  /** Of a long stream, Mbit/s. */
  readonly goodputMegabits: number;
  readonly cuts: readonly CutLine[];
  readonly requests: readonly RequestLine[];
}

const requestProgram = tsxProgram(new URL('./request-process.ts', import.meta.url));
const agentProgram = tsxProgram(new URL('./agent-process.ts', import.meta.url));
const timeoutSeconds = 600;
const token = 'a secret of the three hosts';

/** Builds the hosts, starts agents, has them probe the link, then has every plan worth measuring answer requests. */
export async function measureCondition(condition: Condition, signal: AbortSignal): Promise<ConditionLines> {
  const { megabits } = condition;
  const scenario = parseScenario(
    {
      name: `a weak device, a server and ${megabits} Mbit/s between them`,
      hosts: [{ id: 'gateway' }, { id: 'device' }, { id: 'server' }],
      links: [
        { between: ['gateway', 'device'] },
        { between: ['gateway', 'server'] },
        { between: ['device', 'server'], megabitsPerSecond: megabits },
      ],
    },
    'the scenario',
  );
  const testbed = await openTestbed(scenario);
  try {
    const streamBytes = megabits * 1e6 * 0.1;
    const goodputMegabits = await measureGoodput(testbed, 'device', 'server', streamBytes);
    const { link, lines } = await withScratch((folder) => probedLines(testbed, condition, folder, signal));
    return {
      link,
      goodputMegabits,
      cuts: lines.flatMap((line) => (line.kind === 'cut' ? [line] : [])),
      requests: lines.flatMap((line) => (line.kind === 'request' ? [line] : [])),
    };
  } finally {
    await testbed.close();
  }
}

async function probedLines(
  testbed: Testbed,
  { model, profile, budgetSeconds, fewestRounds }: Condition,
  folder: string,
  signal: AbortSignal,
): Promise<{ readonly link: MeasuredLink; readonly lines: readonly (CutLine | RequestLine)[] }> {
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, token, { mode: 0o600 });
  const store = join(folder, 'store');
  const device = await startAgent(testbed, 'device', tokenFile, store);
  const server = await startAgent(testbed, 'server', tokenFile, store);
  const link = await probeLink(testbed, { asker: 'gateway', from: device, to: server, token }, signal);
  const addresses = { device, server };
  const what = { model, profile, budgetSeconds, fewestRounds };
  const options = { ...what, link, addresses, tokenFile, timeoutSeconds, store };
  return { link, lines: await requestLines(testbed, options, signal) };
}

async function requestLines(
  testbed: Testbed,
  options: RequestOptions,
  signal: AbortSignal,
): Promise<(CutLine | RequestLine)[]> {
  const command = [...requestProgram, JSON.stringify(options)];
  const child = testbed.exec('gateway', command, { signal });
  const errors = child.stderr === null ? Promise.resolve('') : text(child.stderr);
  const lines: (CutLine | RequestLine)[] = [];
  if (child.stdout !== null) {
    for await (const line of createInterface({ input: child.stdout }))
      lines.push(measuredLine.parse(JSON.parse(line)));
  }
  if (lines.some(({ kind }) => kind === 'request')) return lines;
  throw new ExecutionError(`no request was answered: ${await errors}`, 'Run it again.');
}

async function startAgent(testbed: Testbed, host: string, tokenFile: string, store: string): Promise<string> {
  const address = `${testbed.address(host)}:7411`;
  const agent = testbed.exec(host, [...agentProgram, address, tokenFile, store], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...memoryEnvironment() },
  });
  if (agent.stdout !== null) await once(agent.stdout, 'data', { signal: AbortSignal.timeout(20_000) });
  return address;
}
