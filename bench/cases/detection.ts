import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom, DeadlineError, InvalidInputError } from '@tandem/core';
import { type AgentProcess, FaultProxy, startAgentProcess, systemClock, tcp } from '@tandem/node';
import { connectGateway, type StreamItem } from '@tandem/runtime';
import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { median } from '../paired.ts';
import { openAgents } from '../pipeline/agents.ts';
import { tandemProgram } from '../tandem-program.ts';

const kills = 30;
const cuts = 30;
const defaultMinutes = 1;
const window = 8;

/** How soon a gateway notices that a device is gone, and whether it ever suspects one that is well. */
export const detection: Bench = {
  title:
    'How soon a killed agent and a link that went silent are noticed, and whether full load raises suspicion (--minutes, 1 unless told).',
  run: async (context: BenchContext): Promise<BenchResult> => {
    const minutes = context.minutes ?? defaultMinutes;
    if (!(minutes > 0))
      throw new InvalidInputError(`--minutes is ${minutes}, expected more than 0`, 'Give a number.');
    const parts: Readonly<Record<string, () => Promise<readonly BenchRow[]>>> = {
      'process killed': () => killed(context),
      'link silent': () => silent(context),
      'full load': () => loaded(minutes, context),
    };
    const rows: BenchRow[] = [];
    for (const [name, part] of Object.entries(parts))
      if (name.includes(context.only)) rows.push(...(await part()));
    return { rows: [...rows, ...peers], remarks };
  },
};

const remarks = [
  `Killed: SIGKILL to an agent process on loopback, behind a proxy that passes its end on, until the gateway calls it lost; ${kills} processes, one after the other. Target: median at most 0.05 s.`,
  `Silent: a proxy between gateway and agent carries nothing any more and tells neither end (no FIN, no RST), at a random moment, ${cuts} times, limits as they are by default; until the device is suspected, and until it is lost, which a probe by a new connection has to confirm. Target: suspected within 0.5 s each time.`,
  `Full load: CIFAR ResNet-8 over two agent processes, ${window} requests in flight all the time, none paced. Target: no suspicion.`,
  "Peers: published figures, not measured here, on other machines: llama.cpp's RPC back end notices in 402 to 417 ms and then aborts the process (its pull request 26724); exo looks for lost nodes so that one is noticed after 30 s at the earliest, by its source, and then deletes the instance.",
];

const peers: readonly BenchRow[] = [
  { case: 'peer, published: llama.cpp RPC, least', value: 0.402, unit: 's' },
  { case: 'peer, published: llama.cpp RPC, most', value: 0.417, unit: 's' },
  { case: 'peer, by its source: exo, at least', value: 30, unit: 's' },
];

async function killed(context: BenchContext): Promise<readonly BenchRow[]> {
  const took: number[] = [];
  for (let at = 0; at < kills; at++) {
    context.progress(`kill ${at + 1} of ${kills}`);
    await withAgent(context.signal, async ({ agent, noticed }) => {
      const begin = performance.now();
      process.kill(agent.pid, 'SIGKILL');
      took.push((await noticed('was lost')) - begin);
    });
  }
  return spread('process killed, lost after', took);
}

async function silent(context: BenchContext): Promise<readonly BenchRow[]> {
  const [suspected, lost]: [number[], number[]] = [[], []];
  const random = createRandom(1).split('cuts');
  for (let at = 0; at < cuts; at++) {
    context.progress(`silence ${at + 1} of ${cuts}`);
    await withAgent(context.signal, async ({ proxy, noticed }) => {
      await sleep(1000 * random.next());
      const begin = performance.now();
      proxy.cut();
      suspected.push((await noticed('is suspected')) - begin);
      lost.push((await noticed('was lost')) - begin);
    });
  }
  return [...spread('link silent, suspected after', suspected), ...spread('link silent, lost after', lost)];
}

function spread(label: string, milliseconds: readonly number[]): BenchRow[] {
  const row = (what: string, value: number): BenchRow => ({
    case: `${label}: ${what}`,
    value: value / 1000,
    unit: 's',
  });
  return [row('median', median(milliseconds)), row('most', Math.max(...milliseconds))];
}

interface Watched {
  readonly agent: AgentProcess;
  /** Between the gateway and the agent. */
  readonly proxy: FaultProxy;
  /** When (by performance.now()) the gateway said so of the device. */
  readonly noticed: (what: string) => Promise<number>;
}

/** An agent behind a proxy, which a gateway has watched for a second. */
async function withAgent(signal: AbortSignal, use: (watched: Watched) => Promise<void>): Promise<void> {
  const token = randomBytes(32).toString('base64url');
  const command = [process.execPath, tandemProgram, 'agent', '--parent', '--listen', '127.0.0.1:0'] as const;
  const agent = await startAgentProcess({ command, device: 'd1', token, signal });
  const proxy = await FaultProxy.open(agent.address);
  try {
    const heard: { readonly line: string; readonly at: number }[] = [];
    const gateway = await connectGateway({
      transport: tcp(),
      clock: systemClock,
      token,
      addresses: { d1: proxy.address },
      signal,
      log: (line) => heard.push({ line, at: performance.now() }),
    });
    try {
      await sleep(1000);
      await use({ agent, proxy, noticed: (what) => firstOf(heard, what) });
    } finally {
      proxy.mend();
      await gateway.close();
    }
  } finally {
    await agent.stop();
    await proxy.close();
  }
}

async function firstOf(
  heard: readonly { readonly line: string; readonly at: number }[],
  what: string,
): Promise<number> {
  for (const end = performance.now() + 30_000; performance.now() < end; await sleep(5)) {
    const found = heard.find(({ line }) => line.startsWith(`device d1 ${what}`));
    if (found !== undefined) return found.at;
  }
  throw new DeadlineError(
    `the gateway did not say within 30 s that device d1 ${what}, but: ${heard.map(({ line }) => line).join('; ')}`,
    'This is unexpected: report it.',
  );
}

async function loaded(minutes: number, context: BenchContext): Promise<readonly BenchRow[]> {
  const { signal } = context;
  const told: string[] = [];
  const agents = await openAgents({
    network: 'cifar-resnet-8',
    stages: 2,
    codec: { kind: 'raw' },
    listen: '127.0.0.1:0',
    paceSeconds: null,
    window,
    repair: { retain: true },
    log: (line) => told.push(line),
    signal,
  });
  try {
    const { gateway, inputs } = agents;
    context.progress(`full load for ${minutes} minutes`);
    const begin = performance.now();
    const end = begin + 60_000 * minutes;
    let [answered, failed] = [0, 0];
    const items = function* (): Generator<StreamItem> {
      while (performance.now() < end) yield { inputs };
    };
    for await (const { error } of gateway.stream(items(), { window, signal })) {
      if (error === null) answered++;
      else failed++;
    }
    const count = (what: string): number => told.filter((line) => line.includes(what)).length;
    const row = (what: string, value: number, unit: string): BenchRow => ({
      case: `full load, ${minutes} min: ${what}`,
      value,
      unit,
    });
    return [
      row('suspicions', count('is suspected'), 'times'),
      row('devices lost', count('was lost'), 'times'),
      row('answered', answered, 'requests'),
      row('failed', failed, 'requests'),
      row('pace', answered / ((performance.now() - begin) / 1000), 'requests/s'),
    ];
  } finally {
    await agents.close();
  }
}
