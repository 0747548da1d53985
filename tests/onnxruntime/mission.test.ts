import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readTrace } from '@tandem/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunResult } from '../../packages/cli/src/run/run-result.ts';
import { finished, startCommand } from '../command-line.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-mission-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Two boards of one kind: one request is soonest answered by one of them alone, many by both. */
const board = { kind: 'cpu', gigaflopsPerSecond: 1, memoryGigabytesPerSecond: 2, emulated: true };
const cluster = {
  name: 'two boards',
  hosts: ['pi', 'desk'].map((id) => ({ id, memoryGigabytes: 1 })),
  devices: ['pi', 'desk'].map((id) => ({ ...board, id, host: id })),
  links: [{ from: 'pi', to: 'desk', megabitsPerSecond: 100, roundTripMilliseconds: 10, bothWays: true }],
  source: 'pi',
};

describe('tandem run --adapt --mission', () => {
  it('follows what is commanded while it runs, and keeps on when the command has a fault', async () => {
    const [path, mission, trace] = ['cluster.json', 'mission.yaml', 'trace'].map((name) =>
      join(folder, name),
    );
    await writeFile(path ?? '', JSON.stringify(cluster));
    await writeFile(mission ?? '', '{}');
    const requests = 100;
    const stream = ['--requests', String(requests), '--rate', '10', '--adapt', '--trace', trace ?? ''];
    const flags = ['--cluster', path ?? '', '--mission', mission ?? '', '--json'];
    const child = startCommand(folder, ['run', 'zoo:cifar-resnet-8', ...flags, ...stream]);
    const commanded = new Promise<void>((resolve) => {
      let isOn = false;
      child.stderr?.on('data', (data: Buffer) => {
        if (isOn || !data.toString().includes('the mission from now on')) return;
        isOn = true;
        resolve(command(mission ?? ''));
      });
    });
    const { status, stdout, stderr } = await finished(child);
    await commanded;
    const { stream: row } = JSON.parse(stdout) as RunResult;
    // What was shed is missing, which the status says.
    expect({ status, stderr }).toMatchObject({ status: 1 });
    expect(row?.differing).toBe(0);
    expect((row?.answered ?? 0) + (row?.failed ?? 0)).toBe(requests);
    expect(row?.failed).toBeGreaterThan(5);
    expect(row?.firstError).toMatch(/takes only requests of priority 1 and above/);
    expect(stderr).toMatch(/the mission stays as it was: mission.yaml:1: deadline is not a known key/);
    const { switches = [], decisions = [] } = row?.adapted ?? {};
    const mine = decisions.filter(({ dynamic }) => dynamic === 'mission');
    expect(mine.map(({ reaction }) => reaction)).toEqual(
      expect.arrayContaining(['objective', 'move-cut', 'admission']),
    );
    expect(mine.filter(({ reaction }) => reaction === 'admission')).toHaveLength(2);
    expect(switches[0]?.message).toMatch(/^the command .*throughput/);
    const { events } = readTrace((await readFile(trace ?? '', 'utf8')).split('\n'));
    const devicesOf = (version?: number): ReadonlySet<string> =>
      new Set(
        events.flatMap((event) =>
          event.kind === 'stage-end' && event.version === version ? [event.device] : [],
        ),
      );
    expect(devicesOf(switches[0]?.replaces).size).toBe(1);
    expect(devicesOf(switches[0]?.version).size).toBe(2);
    // The last request is let in again.
    expect(events.findLast(({ kind }) => kind === 'answer' || kind === 'failure')?.kind).toBe('answer');
  }, 120_000);
});

describe('tandem run --adapt --mission --beside', () => {
  it('sheds the model that matters less while that is commanded, and none of the other', async () => {
    const [path = '', mission = ''] = ['cluster.json', 'mission.json'].map((name) => join(folder, name));
    await writeFile(path, JSON.stringify(cluster));
    await writeFile(mission, '{ "leastPriority": 1 }');
    const flags = [
      '--cluster',
      path,
      '--mission',
      mission,
      '--adapt',
      '--requests',
      '40',
      '--rate',
      '10',
      '--json',
    ];
    const beside = ['--beside', 'zoo:cifar-resnet-8', '--beside-rate', '10', '--priority', '1'];
    const child = startCommand(folder, ['run', 'zoo:cifar-resnet-8', ...flags, ...beside]);
    const commanded = new Promise<void>((resolve) => {
      let isOn = false;
      child.stderr?.on('data', (data: Buffer) => {
        if (isOn || !data.toString().includes('the mission from now on')) return;
        isOn = true;
        resolve(sleep(2000).then(() => writeFile(mission, '{}')));
      });
    });
    const { stdout } = await finished(child);
    await commanded;
    const result = JSON.parse(stdout) as RunResult;
    const [other] = result.beside ?? [];
    expect(result.stream).toMatchObject({ answered: 40, failed: 0, differing: 0 });
    const { answered = 0, failed = 0, firstError } = other?.stream ?? {};
    expect(answered + failed).toBe(40);
    expect(failed).toBeGreaterThan(5);
    expect(answered).toBeGreaterThan(5);
    expect(firstError).toMatch(/of priority 0 was shed .* only requests of priority 1 and above/);
  }, 120_000);
});

async function command(mission: string): Promise<void> {
  await sleep(2000);
  await writeFile(mission, 'objective: throughput\n');
  await sleep(2000);
  await writeFile(mission, 'objective: throughput\nleastPriority: 1\n');
  await sleep(1500);
  await writeFile(mission, 'deadline: 3\n');
  await sleep(500);
  await writeFile(mission, 'objective: throughput\n');
}
