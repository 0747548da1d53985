import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type AgentProcess } from '@tandem/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addressesOf, startLocalAgents, token } from '../local-agent.ts';

const program = fileURLToPath(new URL('journaled-gateway.mjs', import.meta.url));
const signal = AbortSignal.timeout(180_000);
const count = 60;

let agents: AgentProcess[] = [];
let gateway: ChildProcess | null = null;
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-journal-'));
  agents = await startLocalAgents(['pi', 'server'], signal);
});
afterEach(async () => {
  gateway?.kill('SIGKILL');
  await Promise.all(agents.map((agent) => agent.stop()));
  await rm(folder, { recursive: true });
});

/** What gateways one after the other have said of each request. */
class Listener {
  readonly outcomes: Map<string, Set<string>> = new Map();
  readonly accepted: Set<string> = new Set();
  #sent = 0;
  #isDone = false;

  /** One life of the gateway; it is killed when it has said so many outcomes. Gives whether it came to its end by itself. */
  async live(fatal: number): Promise<boolean> {
    const addresses = addressesOf(agents);
    const options = { path: join(folder, 'requests'), addresses, token, first: this.#sent, count };
    const child = spawn(process.execPath, [program, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    gateway = child;
    let said = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      this.#hear(line);
      if (!/ (sent|accepted)$/.test(line) && ++said === fatal) child.kill('SIGKILL');
    }
    return this.#isDone;
  }

  #hear(line: string): void {
    if (line === 'done') {
      this.#isDone = true;
      return;
    }
    const [key = '', outcome = ''] = line.split(' ');
    if (outcome === 'sent') this.#sent = Math.max(this.#sent, Number(key.slice(1)) + 1);
    else if (outcome === 'accepted') this.accepted.add(key);
    else this.outcomes.set(key, (this.outcomes.get(key) ?? new Set()).add(outcome));
  }
}

describe('a gateway that is killed three times and started again', () => {
  it('answers every request that it accepted, with the same bits whenever it says an answer twice', async () => {
    const undisturbed = new Listener();
    expect(await undisturbed.live(Number.POSITIVE_INFINITY)).toBe(true);
    expect(undisturbed.outcomes.size).toBe(count);
    await rm(join(folder, 'requests'));
    const killed = new Listener();
    for (const fatal of [5, 9, 14]) expect(await killed.live(fatal)).toBe(false);
    expect(await killed.live(Number.POSITIVE_INFINITY)).toBe(true);
    expect([...killed.accepted].filter((key) => !killed.outcomes.has(key))).toEqual([]);
    expect(killed.accepted.size).toBeGreaterThan(count / 2);
    for (const [key, outcomes] of killed.outcomes) expect(outcomes).toEqual(undisturbed.outcomes.get(key));
  }, 120_000);
});
