import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { main } from '../command-line.ts';

/** The slow camera has the picture, so something has to cross. */
const cluster = {
  name: 'camera and desk',
  hosts: ['camera', 'desk'].map((id) => ({ id, memoryGigabytes: 1 })),
  devices: [0.2, 20].map((gigaflopsPerSecond, at) => ({
    id: ['camera', 'desk'][at],
    host: ['camera', 'desk'][at],
    kind: 'cpu',
    gigaflopsPerSecond,
    memoryGigabytesPerSecond: 10,
  })),
  links: [{ from: 'camera', to: 'desk', megabitsPerSecond: 100, bothWays: true }],
  source: 'camera',
};

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-lossless-'));
  await writeFile(join(folder, 'cluster.json'), JSON.stringify(cluster));
});
afterEach(() => rm(folder, { recursive: true }));

interface Ran {
  readonly equality: { readonly kind: string; readonly holds: boolean };
  readonly transfers: readonly {
    readonly codec: string;
    readonly from: string;
    readonly bytes: number;
    readonly sentBytes: number;
  }[];
}

async function ran(...flags: readonly string[]): Promise<Ran> {
  const cluster_ = ['--cluster', join(folder, 'cluster.json'), '--planner', 'even-split', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, [
    main,
    'run',
    'zoo:cifar-resnet-8',
    ...cluster_,
    ...flags,
  ]);
  return JSON.parse(stdout) as Ran;
}

describe('tandem run --lossless', () => {
  it('compresses what crosses between agents, and the answer stays bit for bit', async () => {
    const usual = await ran('--optimisation', 'basic');
    const { equality, transfers } = await ran('--optimisation', 'basic', '--lossless');
    expect(equality).toMatchObject({ kind: 'b', holds: true });
    expect(transfers.map(({ codec }) => codec)).toEqual(usual.transfers.map(() => 'raw+brotli'));
    const sent = (rows: Ran['transfers']): number => rows.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
    expect(sent(transfers)).toBeLessThan(sent(usual.transfers));
  });
});
