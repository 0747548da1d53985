import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metrics } from '@tandem/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { main } from '../command-line.ts';

/** Two slow boards, imitated. */
const device = { kind: 'cpu', gigaflopsPerSecond: 2, memoryGigabytesPerSecond: 2, emulated: true };
const cluster = {
  name: 'two boards',
  hosts: ['pi', 'desk'].map((id) => ({ id, memoryGigabytes: 1 })),
  devices: ['pi', 'desk'].map((id) => ({ ...device, id, host: id })),
  links: [{ from: 'pi', to: 'desk', megabitsPerSecond: 20, roundTripMilliseconds: 1, bothWays: true }],
  source: 'pi',
};
const requests = 20;
const scenario = {
  model: 'zoo:cifar-resnet-8',
  cluster: 'cluster.json',
  objective: 'period',
  planner: 'throughput-optimal',
  arrivals: { kind: 'poisson', perSecond: 50, requests },
  window: 3,
};

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-both-'));
  await writeFile(join(folder, 'cluster.json'), JSON.stringify(cluster));
});
afterEach(() => rm(folder, { recursive: true }));

interface Simulated {
  readonly plan: { readonly stages: readonly { readonly device: string }[] };
  readonly metrics: Metrics;
  readonly run: { readonly metrics: Metrics; readonly agents: readonly { readonly pid: number }[] };
  readonly error: { readonly name: string; readonly message: string };
}

async function simulated(changed: object): Promise<{ status: number | null; answer: Simulated }> {
  const path = join(folder, 'scenario.json');
  await writeFile(path, JSON.stringify({ ...scenario, ...changed }));
  const child = spawn(process.execPath, [main, 'simulate', path, '--both', '--json']);
  let text = '';
  child.stdout.on('data', (data: Buffer) => {
    text += data.toString();
  });
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { status, answer: JSON.parse(text) as Simulated };
}

/** What does not depend on how busy this machine is. */
const countsOf = ({ requests: counts, devices, links, bytesSent }: Metrics): object => ({
  counts,
  bytesSent,
  jobs: Object.fromEntries(devices.map((one) => [one.device, one.jobs])),
  sent: Object.fromEntries(links.map(({ from, to, bytes }) => [`${from} ${to}`, bytes])),
});

describe('tandem simulate --both', () => {
  it('sends the requests of the scenario to agents, which do what the simulation says', async () => {
    const { status, answer } = await simulated({});
    expect(status).toBe(0);
    expect(answer.metrics.origin).toBe('simulated');
    expect(answer.run).toMatchObject({ answered: requests, failed: 0, differing: 0, notes: [] });
    expect(answer.run.metrics.origin).toBe('measured');
    expect(answer.run.metrics.requests.answered).toBe(requests);
    expect(countsOf(answer.run.metrics)).toEqual(countsOf(answer.metrics));
    expect(new Set(answer.run.agents.map(({ pid }) => pid)).size).toBe(2);
  });

  it('says of devices that are not imitated that their times mean nothing, and runs a batch', async () => {
    const devices = cluster.devices.map((one) => ({ ...one, emulated: one.id === 'pi' }));
    await writeFile(join(folder, 'cluster.json'), JSON.stringify({ ...cluster, devices }));
    const arrivals = { kind: 'batch', requests };
    const { status, answer } = await simulated({ arrivals, ordered: true, queue: 1 });
    expect(status).toBe(0);
    expect(answer.run).toMatchObject({
      answered: requests,
      differing: 0,
      notes: [expect.stringMatching("^Not emulated.*: 'desk'.$")],
    });
  });

  it('refuses what can only be simulated', async () => {
    const changes = [{ kind: 'speed', atSeconds: 1, device: 'desk', factor: 0.5 }];
    const { status, answer } = await simulated({ changes });
    expect(status).toBe(1);
    expect(answer.error.message).toBe(
      "the scenario has a change of kind 'speed', which can only be simulated",
    );
  });
});
