import type { ZooName } from '@tandem/core';
import type { StreamItem } from '@tandem/runtime';
import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { paired, timed } from '../paired.ts';
import { AgentProcesses } from '../pipeline/agent-processes.ts';
import { deployStaged } from '../pipeline/agents.ts';
import { medianInterval } from '../predict/median-interval.ts';

const networks: readonly ZooName[] = ['cifar-resnet-8', 'mobilenet-v2'];
const stages = 2;
const window = 8;
const pairs = 30;
const targetPercent = 2;
/** How long the streams of a pair go on, about. */
const streamSeconds = 2;
const warmUpRequests = 30;
/** By which the length of the streams is chosen, once code is compiled. */
const firstRequests = 300;

/** As `tandem run --repair` has it, and as without; heartbeats as they are unless told, and none within a stream. */
const settings = {
  without: { repair: undefined, limits: { heartbeatSeconds: 3600, silenceSeconds: 7200 } },
  with: { repair: { retain: true }, limits: {} },
} as const;

type Setting = (typeof settings)[keyof typeof settings];

/** What being ready for a death costs while nobody dies. */
export const steadyCost: Bench = {
  title: `What heartbeats, retention and acknowledgements of what was released cost while nobody dies: streams with and without, ${pairs} pairs in turn.`,
  run: async (context: BenchContext): Promise<BenchResult> => {
    const rows: BenchRow[] = [];
    for (const network of networks)
      if (network.includes(context.only)) rows.push(...(await costOf(network, context)));
    return { rows, remarks };
  },
};

const remarks = [
  `Each network over ${stages} agent processes on loopback, ${window} requests in flight, nothing paced: processors are what limits. The same processes serve all streams of a network, each stream under a gateway of its own, which has sent ${warmUpRequests} requests before; a stream is as many requests as take about ${streamSeconds} s. A pair is one stream with and one without, in turns first; one pair more is run before and not counted.`,
  'With: `repair` with retention, so that what was sent is kept and released by a message of its own, and heartbeats as they are by default. Without: no `repair`, and a heartbeat an hour. Acknowledgements that bound what is in flight are part of both: nothing runs without them.',
  `Cost: of the requests a second without, median over pairs, with a 95 % bootstrap interval of the median. Target: at most ${targetPercent} %.`,
];

async function costOf(network: ZooName, context: BenchContext): Promise<BenchRow[]> {
  const { signal } = context;
  const processes = await AgentProcesses.start({ count: stages, listen: '127.0.0.1:0', signal });
  try {
    const stream = (setting: Setting, requests: number): Promise<number> =>
      streamed(processes, network, setting, requests, signal);
    const perRequest = (await stream(settings.without, firstRequests)) / firstRequests;
    const requests = Math.ceil(streamSeconds / perRequest);
    context.progress(`${network}: ${pairs} pairs of ${requests} requests`);
    const { firstSeconds, secondSeconds, ratios } = await paired(
      () => stream(settings.without, requests),
      () => stream(settings.with, requests),
      { rounds: pairs, signal },
    );
    const { median, low, high } = medianInterval(ratios.map((ratio) => 100 * (1 - 1 / ratio)));
    const row = (what: string, value: number, unit: string): BenchRow => ({
      case: `${network}: ${what}`,
      value,
      unit,
    });
    return [
      row('without', requests / firstSeconds, 'requests/s'),
      {
        ...row('with', requests / secondSeconds, 'requests/s'),
        ratioTo: 'without',
        ratio: firstSeconds / secondSeconds,
      },
      row('cost', median, '%'),
      row('cost, low end of the interval', low, '%'),
      row('cost, high end of the interval', high, '%'),
      row('pairs', ratios.length, 'pairs'),
    ];
  } finally {
    await processes.stop();
  }
}

/** How long so many requests take, in seconds. */
async function streamed(
  processes: AgentProcesses,
  network: ZooName,
  { repair, limits }: Setting,
  requests: number,
  signal: AbortSignal,
): Promise<number> {
  const gateway = await processes.connect({ signal, limits });
  try {
    const inputs = await deployStaged(gateway, processes.devices, {
      network,
      codec: { kind: 'raw' },
      paceSeconds: null,
      window,
      signal,
      ...(repair === undefined ? {} : { repair }),
    });
    const items = (count: number): StreamItem[] => Array.from({ length: count }, () => ({ inputs }));
    const run = async (count: number): Promise<void> => {
      for await (const { error } of gateway.stream(items(count), { window, signal }))
        if (error !== null) throw error;
    };
    await run(warmUpRequests);
    return await timed(() => run(requests));
  } finally {
    await gateway.close();
  }
}
