import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ConnectionError, DeadlineError, ProtocolError, seconds } from '@tandem/core';
import { afterAll, describe, expect, it } from 'vitest';
import { type AgentProcessOptions, startAgentProcess } from './agent-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-process-'));
afterAll(() => rmSync(folder, { recursive: true }));

const token = 'correct horse battery staple';
const announce = "console.log(JSON.stringify({ address: '127.0.0.1:4000', pid: process.pid }));";
const untilParentEnds = "process.stdin.resume().on('end', () => process.exit(0));";

function options(script: string, more: Partial<AgentProcessOptions> = {}): AgentProcessOptions {
  const path = join(folder, `agent-${Math.trunc(performance.now() * 1000)}.mjs`);
  writeFileSync(path, script);
  const signal = new AbortController().signal;
  return { command: [process.execPath, path], device: 'pi', token, signal, ...more };
}

const source = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);
const typescript = [process.execPath, '--import', 'tsx'] as const;

/** An agent as the command line has it: serves until it is told to stop or its parent is gone. */
const servingAgent = `
  import { createServer } from 'node:net';
  import { announcementLine } from ${source('announcement.ts')};
  import { followParent } from ${source('parent-lifeline.ts')};
  const { gone } = await followParent(process.stdin);
  const server = createServer().listen(0, '127.0.0.1', () => {
    process.stdout.write(announcementLine({ address: '127.0.0.1:' + server.address().port, pid: process.pid }));
  });
  gone.addEventListener('abort', () => server.close());
  process.once('SIGTERM', () => server.close());
`;

/** Resolves once no process has this id; the test's own deadline bounds it. */
async function untilGone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await setTimeout(20);
  }
}

describe('an agent that follows its parent', () => {
  const script = join(folder, 'serving.mts');
  writeFileSync(script, servingAgent);

  it('ends by itself when it is stopped', async () => {
    const agent = await startAgentProcess(options('', { command: [...typescript, script] }));
    expect(await agent.stop()).toEqual({ code: 0, signal: null });
  });

  it('ends, and its temporary folder goes, when its parent is killed', async () => {
    const parent = join(folder, 'parent.mts');
    writeFileSync(
      parent,
      `import { startAgentProcess } from ${source('agent-process.ts')};
      const command = ${JSON.stringify([...typescript, script])};
      const agent = await startAgentProcess({ command, device: 'pi', token: 'secret', signal: new AbortController().signal });
      console.log(agent.pid);`,
    );
    const temporary = join(folder, 'temporary');
    mkdirSync(temporary);
    const child = spawn(process.execPath, [...typescript.slice(1), parent], {
      env: { ...process.env, TMPDIR: temporary },
    });
    const [line] = await once(child.stdout, 'data');
    const pid = Number(String(line));
    expect(pid).toBeGreaterThan(0);
    expect(readdirSync(temporary).filter((name) => name.startsWith('tandem-agent-'))).toHaveLength(1);
    child.kill('SIGKILL');
    await untilGone(pid);
    expect(readdirSync(temporary).filter((name) => name.startsWith('tandem-agent-'))).toEqual([]);
  });
});

describe('startAgentProcess', () => {
  it('hands the token over on standard input and forwards what the agent says', async () => {
    const lines: string[] = [];
    const script = `process.stdin.once('data', (text) => {
      console.error('token ' + String(text).trim() + ', temporary files in ' + process.env.TMPDIR);
      ${announce}
    });${untilParentEnds}`;
    const agent = await startAgentProcess(options(script, { log: (line) => lines.push(line) }));
    expect(agent).toMatchObject({ device: 'pi', address: '127.0.0.1:4000' });
    const temporary = lines[0]?.split(' in ')[1] ?? '';
    expect(lines).toEqual([`token ${token}, temporary files in ${temporary}`]);
    expect(existsSync(temporary)).toBe(true);
    expect(await agent.stop()).toEqual({ code: null, signal: 'SIGTERM' });
    expect(await agent.exited).toEqual({ code: null, signal: 'SIGTERM' });
    expect(existsSync(temporary)).toBe(false);
  });

  it('kills an agent that does not end when asked to', async () => {
    const agent = await startAgentProcess(
      options(`process.on('SIGTERM', () => {});${announce}${untilParentEnds}`),
    );
    const [first, second] = await Promise.all([agent.stop(), agent.stop()]);
    expect(first).toEqual({ code: null, signal: 'SIGKILL' });
    expect(second).toEqual(first);
    expect(() => process.kill(agent.pid, 0)).toThrow(/ESRCH/);
  });

  it.each([
    [
      'ends early',
      "console.error('no such port'); process.exit(3);",
      ConnectionError,
      /exit status 3.*no such port/s,
    ],
    ['says something else', `console.log('hello');${untilParentEnds}`, ProtocolError, /printed "hello"/],
    ['says nothing', untilParentEnds, DeadlineError, /did not listen within 1 s/],
  ])('fails when the agent %s', async (_, script, kind, message) => {
    const failure = startAgentProcess(options(script, { deadlineSeconds: seconds(1) }));
    await expect(failure).rejects.toThrow(kind);
    await expect(failure).rejects.toThrow(message);
  });

  it('fails when the program is not there', async () => {
    const failure = startAgentProcess(options('', { command: [join(folder, 'nothing')] }));
    await expect(failure).rejects.toThrow(/cannot be started/);
  });

  it('ends the agent when the caller withdraws', async () => {
    const controller = new AbortController();
    const failure = startAgentProcess(options(untilParentEnds, { signal: controller.signal }));
    await setTimeout(50);
    controller.abort(new Error('withdrawn'));
    await expect(failure).rejects.toThrow('withdrawn');
  });
});
