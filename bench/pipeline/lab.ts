import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { type DeviceId, seconds } from '@tandem/core';
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
import { LineProcess, tsxProgram } from './line-process.ts';
import { gatewayHost, type PipelineCase, readPipelineCase } from './pipeline-case.ts';
import type { Calibration } from './staged-plan.ts';
import { startTestbedAgent } from './testbed-agent.ts';

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

const ask = <Answer>(gateway: LineProcess, order: GatewayOrder, schema: z.ZodType<Answer>): Promise<Answer> =>
  gateway.ask(order, schema);

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
      const agent = await startTestbedAgent(testbed, host, token, signal);
      stops.push(() => agent.stop());
      addresses[host] = agent.address;
    }
    const links = await probeLinks(testbed, own, { addresses, token }, signal);
    const calibration: Calibration = { stageSeconds, links };
    const gateway = new LineProcess(
      testbed.exec(gatewayHost, tsxProgram(new URL('./gateway-process.ts', import.meta.url)), {
        stdio: 'pipe',
        signal,
      }),
    );
    stops.push(() => gateway.stop());
    const setup: GatewaySetup = { path, calibration, addresses, token };
    await gateway.ask(setup, readyLine);
    return await body({
      own,
      testbed,
      calibration,
      run: (tracePath) => runFollowing(testbed, () => ask(gateway, { kind: 'run', tracePath }, runLine)),
      load: (order) => ask(gateway, { kind: 'load', ...order }, loadLine),
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
  const [program, ...rest] = tsxProgram(new URL('./time-segments-process.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(program, [...rest, path], { signal });
  return z.array(z.number().positive()).parse(JSON.parse(stdout)).map(seconds);
}
