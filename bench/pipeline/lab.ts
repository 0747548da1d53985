import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type DeviceId, ExecutionError, seconds } from '@tandem/core';
import { startAgentProcess } from '@tandem/node';
import { z } from 'zod';
import type { MeasuredLink } from '../predicted/lines.ts';
import { probeLink } from '../predicted/link-probe.ts';
import { directionsOf } from '../testbed/scenario.ts';
import { openTestbed, type Testbed } from '../testbed/testbed.ts';
import { followTraces } from '../testbed/trace-follower.ts';
import {
  type GatewayOrder,
  type GatewaySetup,
  type LoadLine,
  loadLine,
  type RunLine,
  readyLine,
  runLine,
} from './gateway-lines.ts';
import { gatewayHost, type PipelineCase, readPipelineCase } from './pipeline-case.ts';
import type { Calibration } from './staged-plan.ts';

/** A case's hosts, agents and gateway, at work. */
export interface Lab {
  readonly own: PipelineCase;
  readonly testbed: Testbed;
  readonly calibration: Calibration;
  /** Runs the case's requests; links with a recording follow it meanwhile, from `recordingSeconds` on (by systemClock). */
  run(tracePath: string): Promise<LabRun>;
  load(order: Omit<Extract<GatewayOrder, { kind: 'load' }>, 'kind'>): Promise<LoadLine>;
}

export interface LabRun extends RunLine {
  /** Null = no link follows a recording. */
  readonly recordingSeconds: number | null;
  /** How late a link changed its rate at worst. */
  readonly latestChangeSeconds: number;
}

const tsx = (name: string): [string, ...string[]] => [
  process.execPath,
  '--import',
  'tsx',
  fileURLToPath(new URL(name, import.meta.url)),
];
const agentProgram = fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url));

/** Times every stage alone, starts agents, has them probe every link, then starts the gateway; all of it is gone when `body` has ended. */
export async function withLab<Result>(
  path: string,
  signal: AbortSignal,
  body: (lab: Lab) => Promise<Result>,
): Promise<Result> {
  const own = await readPipelineCase(path);
  const stageSeconds = await timeSegments(path, signal);
  const testbed = await openTestbed(own.scenario);
  const stops: (() => Promise<unknown>)[] = [];
  try {
    const token = randomBytes(32).toString('base64url');
    const addresses: Record<DeviceId, string> = {};
    for (const { host } of own.stages) {
      const agent = await startAgent(testbed, host, token, signal);
      stops.push(() => agent.stop());
      addresses[host] = agent.address;
    }
    const links = await probeLinks(testbed, own, { addresses, token }, signal);
    const calibration: Calibration = { stageSeconds, links };
    const gateway = new GatewayProcess(testbed, signal);
    stops.push(() => gateway.stop());
    await gateway.begin({ path, calibration, addresses, token });
    return await body({
      own,
      testbed,
      calibration,
      run: (tracePath) => runFollowing(testbed, () => gateway.ask({ kind: 'run', tracePath }, runLine)),
      load: (order) => gateway.ask({ kind: 'load', ...order }, loadLine),
    });
  } finally {
    await Promise.all(stops.map((stop) => stop()));
    await testbed.close();
  }
}

/** Links of the same rates are alike: one of them is probed. */
async function probeLinks(
  testbed: Testbed,
  { scenario, stages }: PipelineCase,
  { addresses, token }: Pick<GatewaySetup, 'addresses' | 'token'>,
  signal: AbortSignal,
): Promise<Calibration['links']> {
  const probed = new Map<number | undefined, MeasuredLink>();
  const links: MeasuredLink[] = [];
  for (const [at, { host: to }] of stages.slice(1).entries()) {
    const from = stages[at]?.host ?? '';
    const way = directionsOf(scenario).find((other) => other.from === from && other.to === to);
    const ends = { from: addresses[from] ?? '', to: addresses[to] ?? '' };
    const link =
      probed.get(way?.megabitsPerSecond) ??
      (await probeLink(testbed, { asker: gatewayHost, ...ends, token }, signal));
    probed.set(way?.megabitsPerSecond, link);
    links.push(link);
  }
  return links;
}

async function runFollowing(testbed: Testbed, run: () => Promise<RunLine>): Promise<LabRun> {
  if (testbed.scenario.links.every(({ trace }) => trace === undefined))
    return { ...(await run()), recordingSeconds: null, latestChangeSeconds: 0 };
  const following = followTraces(testbed);
  try {
    const line = await run();

    return {
      ...line,
      recordingSeconds: following.startSeconds,
      latestChangeSeconds: following.latestSeconds(),
    };
  } finally {
    following.stop();
  }
}

async function timeSegments(path: string, signal: AbortSignal): Promise<Calibration['stageSeconds']> {
  const [program, ...rest] = tsx('./time-segments-process.ts');
  const { stdout } = await promisify(execFile)(program, [...rest, path], { signal });
  return z.array(z.number().positive()).parse(JSON.parse(stdout)).map(seconds);
}

function startAgent(
  testbed: Testbed,
  host: string,
  token: string,
  signal: AbortSignal,
): ReturnType<typeof startAgentProcess> {
  const listen = `${testbed.address(host)}:7411`;
  const command = testbed.inside(host, [
    process.execPath,
    agentProgram,
    'agent',
    '--parent',
    '--listen',
    listen,
  ]);
  return startAgentProcess({ command, device: host, token, signal, deadlineSeconds: seconds(30) });
}

/** Asks gateway-process.ts one thing after the other. */
class GatewayProcess {
  readonly #child: ReturnType<Testbed['exec']>;
  readonly #errors: Promise<string>;
  readonly #lines: AsyncIterator<string>;

  constructor(testbed: Testbed, signal: AbortSignal) {
    this.#child = testbed.exec(gatewayHost, tsx('./gateway-process.ts'), { stdio: 'pipe', signal });
    this.#child.on('error', () => undefined);
    const { stdout, stderr } = this.#child;
    if (stdout === null || stderr === null)
      throw new ExecutionError('the gateway has no output', 'Report this: it should not happen.');
    this.#errors = text(stderr);
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  }

  async begin(setup: GatewaySetup): Promise<void> {
    await this.#exchange(setup, readyLine);
  }

  async ask<Line>(order: GatewayOrder, schema: z.ZodType<Line>): Promise<Line> {
    return await this.#exchange(order, schema);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.stdin?.end();
    await ended;
  }

  async #exchange<Line>(message: object, schema: z.ZodType<Line>): Promise<Line> {
    this.#child.stdin?.write(`${JSON.stringify(message)}\n`);
    const line = await this.#lines.next();
    if (line.done !== true) return schema.parse(JSON.parse(line.value));
    throw new ExecutionError(`the gateway ended: ${(await this.#errors).slice(-2000)}`, 'Run it again.');
  }
}
