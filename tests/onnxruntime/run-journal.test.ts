import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileJournal } from '@tandem/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunResult } from '../../packages/cli/src/run/run-result.ts';
import { finished, startCommand } from '../command-line.ts';

let folder = '';
let child: ChildProcess | null = null;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-run-journal-'));
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await rm(folder, { recursive: true, maxRetries: 5 });
});

const requests = 200;
const command = (model = 'zoo:cifar-resnet-8'): string[] => {
  const journal = ['--journal', join(folder, 'requests')];
  return ['run', model, '--requests', String(requests), '--rate', '20', ...journal, '--json'];
};

async function written(): Promise<{ readonly ended: number; readonly again: number }> {
  const journal = await fileJournal(join(folder, 'requests'));
  const { open } = journal;
  await journal.close();
  const ended = open.filter(({ outcome }) => outcome !== null).length;
  return { ended, again: open.length - ended };
}

/** Starts the run, and kills it when it has told of so many requests. */
async function killed(fatal: number): Promise<void> {
  const one = startCommand(folder, command());
  child = one;
  const told = new Promise<void>((resolve) => {
    one.stderr?.on('data', (data: Buffer) => {
      const count = /(\d+) of \d+ requests/.exec(data.toString());
      if (count !== null && Number(count[1]) >= fatal) resolve();
    });
  });
  const end = finished(one);
  await Promise.race([told, end]);
  one.kill('SIGKILL');
  expect(await end).toMatchObject({ status: null, stdout: '' });
  // Its agents go when they find that their parent has gone.
  await sleep(200);
}

describe('tandem run --journal', () => {
  it('goes on where it was killed, twice, and then reports every request once', async () => {
    await killed(20);
    const first = await written();
    expect(first.ended).toBeGreaterThanOrEqual(20);
    await killed(first.ended + 20);
    const second = await written();
    expect(second.ended).toBeGreaterThanOrEqual(first.ended + 20);
    const { status, stdout, stderr } = await finished((child = startCommand(folder, command())));
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    const { stream } = JSON.parse(stdout) as RunResult;
    expect(stream).toMatchObject({ answered: requests, failed: 0, differing: 0, journal: second });
    expect(stream?.metrics.requests.answered).toBe(requests - second.ended);
    expect(existsSync(join(folder, 'requests'))).toBe(false);
  }, 180_000);

  it('refuses the journal of other requests', async () => {
    const journal = await fileJournal(join(folder, 'requests'));
    await journal.accepted('somebody else’s', []);
    await journal.close();
    const { status, stdout } = await finished((child = startCommand(folder, command())));
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { name: 'InvalidInputError' } });
    expect(existsSync(join(folder, 'requests'))).toBe(true);
  }, 60_000);
});
