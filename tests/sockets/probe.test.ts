import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock, tcp } from '@tandem/node';
import { askDescription, askLink, measureLinkTo } from '@tandem/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { main } from '../command-line.ts';

const token = 'a secret of two agents';
const { signal } = new AbortController();
const visit = { transport: tcp(), clock: systemClock, token, signal };

let folder = '';
let agents: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-visits-'));
  await writeFile(join(folder, 'token'), token, { mode: 0o600 });
});
afterEach(async () => {
  for (const agent of agents) agent.kill();
  agents = [];
  await rm(folder, { recursive: true });
});

async function startAgent(): Promise<string> {
  const options = ['--listen', '127.0.0.1:0', '--token', join(folder, 'token'), '--json'];
  const agent = spawn(process.execPath, [main, 'agent', ...options], { stdio: ['ignore', 'pipe', 'ignore'] });
  agents.push(agent);
  const line = await createInterface({ input: agent.stdout })[Symbol.asyncIterator]().next();
  return z.object({ address: z.string() }).parse(JSON.parse(String(line.value))).address;
}

describe('two agents in processes of their own', () => {
  it('measure the links between them and to here, one after the other', async () => {
    const [one, two] = [await startAgent(), await startAgent()];
    const links = [
      await measureLinkTo(one, visit),
      await askLink(one, two, visit),
      await askLink(two, one, visit),
      await measureLinkTo(two, visit),
    ];
    for (const link of links) {
      // Between a slow disk and fast memory, under any load: the units are right.
      expect(link.bitsPerSecond).toBeGreaterThan(1e6);
      expect(link.bitsPerSecond).toBeLessThan(1e13);
      expect(link.roundTripSeconds).toBeGreaterThan(0);
      expect(link.roundTripSeconds).toBeLessThan(5);
      expect(link.transferBytes).toBeGreaterThan(16_384);
    }
  });

  it('refuse a second measurement while one runs', async () => {
    const [one, two] = [await startAgent(), await startAgent()];
    const both = await Promise.allSettled([askLink(one, two, visit), askLink(one, two, visit)]);
    const refused = both.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatchObject({
      reason: { name: 'RefusedError', message: /in a measurement for .* already/ },
    });
  });

  it('describe themselves, and measure their rates once', { timeout: 120_000 }, async () => {
    const one = await startAgent();
    const first = await askDescription(one, visit);
    expect(first.matrixRates.length).toBeGreaterThan(0);
    const again = await askDescription(one, visit);
    expect(again.matrixRates).toEqual(first.matrixRates);
  });
});
