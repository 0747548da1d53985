import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ExecutionError, RefusedError } from '@tandem/core';
import { dataFolder } from '../../tests/data.ts';
import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { withScratch } from '../models/scratch.ts';
import {
  type ClassifyOptions,
  type PhotoLine,
  type PlanLine,
  photoLine,
  planLine,
} from '../photos/classify-lines.ts';
import { tsxProgram } from '../pipeline/line-process.ts';
import { tandemProgram } from '../tandem-program.ts';
import { readScenario } from '../testbed/scenario.ts';
import { openTestbed, type Testbed } from '../testbed/testbed.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const timeoutSeconds = 300;
/** The example cluster's devices, by the scenario's hosts. */
const hostOf = { pi: 'left', server: 'right' };

/** The trained model on real photos, split by its plan between two hosts joined by 20 Mbit/s. */
export const photos: Bench = {
  title:
    'MobileNetV2 split by its plan over TCP at 20 Mbit/s, asked about real photos, against the whole model.',
  run: async (context): Promise<BenchResult> => {
    if (dataFolder === null)
      throw new RefusedError(
        'there is no test data',
        'Set TANDEM_DATA to the folder that holds models/ and datasets/.',
      );
    const folder = dataFolder;
    const testbed = await openTestbed(await readScenario(here('../testbed/scenarios/pair-20mbit.yaml')));
    try {
      return await withScratch((scratch) => classifyAll(testbed, folder, scratch, context));
    } finally {
      await testbed.close();
    }
  },
};

async function classifyAll(
  testbed: Testbed,
  folder: string,
  scratch: string,
  context: BenchContext,
): Promise<BenchResult> {
  const tokenFile = join(scratch, 'token');
  await writeFile(tokenFile, 'a secret of the two hosts', { mode: 0o600 });
  const addresses: Record<string, string> = {};
  for (const [device, host] of Object.entries(hostOf))
    addresses[device] = await startAgent(testbed, host, tokenFile);
  const options: ClassifyOptions = { dataFolder: folder, addresses, tokenFile, timeoutSeconds };
  const program = tsxProgram(new URL('../photos/classify.ts', import.meta.url));
  const command = [...program, JSON.stringify(options)];
  const child = testbed.exec('left', command, { signal: context.signal });
  const errors = child.stderr === null ? Promise.resolve('') : text(child.stderr);
  const { plan, lines } = await readLines(child, context);
  if (plan === null || lines.length === 0)
    throw new ExecutionError(`the photos were not classified: ${await errors}`, 'Run it again.');
  return resultOf(plan, lines);
}

async function startAgent(testbed: Testbed, host: string, tokenFile: string): Promise<string> {
  const address = `${testbed.address(host)}:7411`;
  const command = [
    process.execPath,
    tandemProgram,
    'agent',
    '--listen',
    address,
    '--token',
    tokenFile,
    '--json',
  ];
  const agent = testbed.exec(host, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  if (agent.stdout !== null) await once(agent.stdout, 'data', { signal: AbortSignal.timeout(10_000) });
  return address;
}

async function readLines(
  child: ChildProcess,
  context: BenchContext,
): Promise<{ plan: PlanLine | null; lines: PhotoLine[] }> {
  const lines: PhotoLine[] = [];
  let plan: PlanLine | null = null;
  if (child.stdout === null) return { plan, lines };
  for await (const line of createInterface({ input: child.stdout })) {
    const value: unknown = JSON.parse(line);
    if (plan === null) plan = planLine.parse(value);
    else lines.push(photoLine.parse(value));
    if (lines.length % 20 === 0) context.progress(`${lines.length} photos`);
  }
  return { plan, lines };
}

function resultOf(plan: PlanLine, lines: readonly PhotoLine[]): BenchResult {
  const labelled = lines.filter(({ trueClass }) => trueClass !== null);
  const right = (which: 'whole' | 'split'): number =>
    labelled.filter((line) => line[which].index === line.trueClass).length;
  const same = lines.filter(({ whole, split }) => whole.index === split.index).length;
  const times = lines.map(({ measuredSeconds }) => measuredSeconds).sort((left, right) => left - right);
  const median = times[Math.floor(times.length / 2)] ?? Number.NaN;
  const difference = Math.max(...lines.map(({ maxRelativeDifference }) => maxRelativeDifference));
  const rows: BenchRow[] = [
    share('same top-1, split and whole', same, lines.length),
    share('ImageNet sample: whole model right', right('whole'), labelled.length),
    share('ImageNet sample: split model right', right('split'), labelled.length),
    { case: 'largest difference, relative to the largest output', value: difference, unit: '' },
    { case: 'request, predicted', value: plan.predictedSeconds, unit: 's' },
    {
      case: 'request, measured, median',
      value: median,
      unit: 's',
      ratioTo: 'predicted',
      ratio: median / plan.predictedSeconds,
    },
  ];
  const named = lines.filter(({ trueClass }) => trueClass === null);
  return {
    rows,
    remarks: [
      `Plan: ${plan.why}`,
      `Stages: ${plan.stages.map(({ device, nodes }) => `${nodes} nodes on ${device}`).join(', ')}; the weak device is emulated (held to its roofline time), the link is real (namespaces, tbf).`,
      'The predicted time is a roofline; the server is this machine, described, not measured.',
      ...named.map(({ photo, split }) => `${photo}: ${split.label}.`),
    ],
  };
}

const share = (name: string, count: number, of: number): BenchRow => ({
  case: name,
  value: count,
  unit: 'photos',
  ratioTo: `${of} photos`,
  ratio: count / of,
});
