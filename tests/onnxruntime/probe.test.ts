import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { probeMachine, readClusterFile } from '@tandem/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { main } from '../command-line.ts';

const printed = z.object({
  devices: z.array(
    z.object({
      description: z.object({ sources: z.array(z.object({ what: z.string(), how: z.string() })) }),
    }),
  ),
});

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-probe-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('tandem probe', () => {
  it('measures this machine and saves what a cluster file takes', async () => {
    const path = join(folder, 'me.yaml');
    const { stdout } = await promisify(execFile)(process.execPath, [
      main,
      'probe',
      '--threads',
      '1',
      '--device',
      'me',
      '--output',
      path,
      '--json',
    ]);
    const { description } = printed.parse(JSON.parse(stdout)).devices[0] ?? { description: { sources: [] } };
    const measured = description.sources.filter(({ how }) => how === 'measured').map(({ what }) => what);
    expect(measured).toEqual(['matrixFlopsPerSecond', 'copyBytesPerSecond']);
    const { devices } = await readClusterFile(path);
    expect(devices).toMatchObject([{ id: 'me', threads: 1 }]);
    // Any processor of this century, under any load: the units are right.
    expect(devices[0]?.flopsPerSecond).toBeGreaterThan(1e7);
    expect(devices[0]?.flopsPerSecond).toBeLessThan(1e14);
    expect(devices[0]?.memoryBytesPerSecond).toBeGreaterThan(1e7);
    expect(devices[0]?.memoryBytesPerSecond).toBeLessThan(1e13);
  });

  it.each([
    ['--device', '../x', /called '..\/x'/],
    ['--threads', '0', /--threads is '0'/],
  ])('refuses %s %s before it measures', async (flag, value, message) => {
    await expect(promisify(execFile)(process.execPath, [main, 'probe', flag, value])).rejects.toThrow(
      message,
    );
  });
});

describe('probeMachine', () => {
  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const work = probeMachine({
      threads: [1],
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('enough')),
    });
    await expect(work).rejects.toThrow('enough');
  });
});
