import { mkdtempSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readTrace, type TraceEvent } from '@tandem/core';
import { type AgentProcess, FaultProxy } from '@tandem/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AdaptedRow } from '../../packages/cli/src/run/adapted-stream.ts';
import type { FrameResult } from '../../packages/cli/src/run/frame-command.ts';
import type { RunResult } from '../../packages/cli/src/run/run-result.ts';
import { finished, printed, startCommand } from '../command-line.ts';
import { dataFolder } from '../data.ts';
import { startLocalAgent, token } from '../local-agent.ts';
import { weakPair } from '../weak-pair.ts';

const layer = 'model/activation_4/Relu_model/add_1/add/act';

let folder = '';
let agent: AgentProcess | null = null;
let proxy: FaultProxy | null = null;
const calibrated = mkdtempSync(join(tmpdir(), 'tandem-adapt-calibrated-once-'));
beforeAll(async () => {
  if (dataFolder === null) return;
  const few = ['--card', 'raw-255', '--data', data, '--range', '0:400', '--budget', '0.06', '--cuts', layer];
  await printed(calibrated, ['calibrate', model, ...few, '--output', calibration]);
}, 120_000);
afterAll(() => rm(calibrated, { recursive: true }));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-adapt-calibrated-test-'));
});
afterEach(async () => {
  await agent?.stop();
  await proxy?.close();
  await rm(folder, { recursive: true });
});

/** Of 4.5 requests a second the device alone can run 4; at a fifth of its rate the link carries 4 pictures, and more than 4.5 of what crosses the cut. */
const clusterOf = (address: string) =>
  weakPair({ gigaflopsPerSecond: 0.1, server: { gigaflopsPerSecond: 2, address }, megabitsPerSecond: 2 });

const model = join(dataFolder ?? '', 'models/cifar10_resnet8_mlperftiny.onnx');
const data = join(dataFolder ?? '', 'datasets/cifar10-jpeg-test2000');
const calibration = join(calibrated, 'calibration.json');

/** Runs what is asked for while the link becomes slow 4 s after the line that says so; what it printed. */
async function adaptedRun(line: string, asked: readonly string[]): Promise<string> {
  const [cluster, secret] = ['cluster.json', 'token'].map((name) => join(folder, name)) as [string, string];
  const signal = AbortSignal.timeout(200_000);
  agent = await startLocalAgent('server', signal);
  const way = await FaultProxy.open(agent.address);
  proxy = way;
  await writeFile(cluster, JSON.stringify(clusterOf(way.address)));
  await writeFile(secret, token, { mode: 0o600 });
  const given = ['--cluster', cluster, '--token', secret, '--calibration', calibration, '--planner', 'coach'];
  const run = ['run', model, '--card', 'raw-255', ...given, '--rate', '4.5', '--adapt', ...asked, '--json'];
  const child = startCommand(folder, run);
  child.stderr?.on('data', (text: Buffer) => {
    if (text.toString().includes(line)) void sleep(4000).then(() => way.limit(4e5));
  });
  const { status, stdout, stderr } = await finished(child);
  expect({ status, stderr }, stdout).toMatchObject({ status: 0 });
  return stdout;
}

/** Versions under which requests may decide, the first of which is the first switched to. */
function decidingVersions(adapted: AdaptedRow | undefined): readonly number[] {
  const switches = adapted?.switches ?? [];
  expect(switches[0]).toMatchObject({ replaces: 1, message: expect.stringMatching(/pi > server carries/) });
  const deciding = switches.filter(({ message }) => !/no request leaves early/.test(message));
  expect(deciding).toContain(switches[0]);
  return deciding.map(({ version }) => version);
}

/** What was decided, all of it under those versions; each answer is of the version that its request came to. */
function decidedIn(events: readonly TraceEvent[], deciding: readonly number[]): ReadonlySet<string> {
  const decided = events.flatMap((event) => (event.kind === 'exit' || event.kind === 'bits' ? [event] : []));
  expect(deciding).toEqual(expect.arrayContaining([...new Set(decided.map(({ version }) => version))]));
  const versions = new Map<number, number>();
  for (const event of events) {
    if (event.kind === 'arrival') versions.set(event.request, event.version);
    if (event.kind === 'answer') expect(event.version).toBe(versions.get(event.request));
  }
  return new Set(decided.flatMap(({ version, kind }) => (version === deciding[0] ? kind : [])));
}

const eventsOf = async (path: string): Promise<readonly TraceEvent[]> =>
  readTrace((await readFile(path, 'utf8')).split('\n')).events;

describe.skipIf(dataFolder === null)('tandem run --adapt --calibration', () => {
  it('decides as calibrated where it goes over to, and nothing elsewhere', async () => {
    const [centres, trace] = ['centres', 'trace'].map((name) => join(folder, name)) as [string, string];
    const stream = ['--requests', '110', '--centres', centres, '--trace', trace];
    const { stream: row } = JSON.parse(await adaptedRun('answering 110 requests', stream)) as RunResult;
    expect(row).toMatchObject({ answered: 110, failed: 0, differing: 0 });
    // The same picture again and again is soon known, and leaves.
    const kinds = decidedIn(await eventsOf(trace), decidingVersions(row?.adapted));
    expect(kinds).toEqual(new Set(['bits', 'exit']));
    expect(row?.decided?.exitShare).toBeGreaterThan(0);
    expect((await readFile(centres, 'utf8')).trim().split('\n')).toHaveLength(1);
  }, 240_000);

  it('does so with a stream of frames', async () => {
    const trace = join(folder, 'trace');
    const stream = ['--stream', data, '--range', '400:510', '--full', '--trace', trace];
    const result = JSON.parse(await adaptedRun('streaming 110 frames', stream)) as FrameResult;
    expect(result).toMatchObject({ answered: 110, failed: 0 });
    expect(decidedIn(await eventsOf(trace), decidingVersions(result.adapted))).toContain('bits');
    expect(result.agreement?.share).toBeGreaterThan(0.85);
  }, 240_000);
});
