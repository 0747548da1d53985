import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { type Paired, paired } from '../paired.ts';
import { dialBare } from '../tcp-hop/bare-socket.ts';
import { drive, type Hop } from '../tcp-hop/hop.ts';
import { dialTransport } from '../tcp-hop/transport-hop.ts';

const tensorBytes = 600_000;
const cases = [
  { inFlight: 1, count: 100 },
  { inFlight: 8, count: 160 },
];

const peerLine = z.object({ address: z.string(), port: z.int() });

export const tcpHop: Bench = {
  title:
    'A 600 kB tensor over the TCP transport, against a bare length-prefixed socket, between two processes.',
  run: async (context: BenchContext): Promise<BenchResult> => {
    const program = ['--import', 'tsx', fileURLToPath(new URL('../tcp-hop/peer.ts', import.meta.url))];
    const peer = spawn(process.execPath, program, { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      const line = await createInterface({ input: peer.stdout })[Symbol.asyncIterator]().next();
      const { address, port } = peerLine.parse(JSON.parse(String(line.value)));
      const hops = [await dialTransport(address), await dialBare(port)] as const;
      const { rows, spreads } = await compare(hops[0], hops[1], context);
      await Promise.all(hops.map((hop) => hop.close()));
      return { rows, remarks: [...remarks, ...spreads] };
    } finally {
      peer.kill();
    }
  },
};

const remarks = [
  'Loopback, one sender and one receiver process, each with a core where there are two. Every tensor is acknowledged by a short frame.',
  'Rounds of both are interleaved and their order swaps; the ratio is the median of 41 rounds’ ratios, transport’s rate / bare socket’s rate. Target: 0.8.',
  'The bare socket checks nothing; the transport checks a magic, a version and two bounded lengths, and delivers errors and back-pressure.',
];

interface Comparison {
  readonly rows: readonly BenchRow[];
  /** How far each ratio is to be believed. */
  readonly spreads: readonly string[];
}

async function compare(transport: Hop, bare: Hop, context: BenchContext): Promise<Comparison> {
  const tensor = new Uint8Array(tensorBytes).fill(7);
  const rows: BenchRow[] = [];
  const spreads: string[] = [];
  for (const { inFlight, count } of cases) {
    const name = `${inFlight} in flight`;
    if (!name.includes(context.only)) continue;
    const times = await paired(
      () => drive(transport, tensor, count, inFlight),
      () => drive(bare, tensor, count, inFlight),
      { rounds: 41, warmUp: 3, signal: context.signal },
    );
    context.progress(`${name}: ${times.ratio.toFixed(3)} of the bare socket's rate`);
    rows.push(...rowsOf(name, count, times));
    if (inFlight === 1) rows.push(...latencyRows(count, times));
    const [low, high] = times.ratioQuartiles;
    spreads.push(`${name}: half of the rounds’ ratios lie between ${low.toFixed(3)} and ${high.toFixed(3)}.`);
  }
  return { rows, spreads };
}

function rowsOf(name: string, count: number, { firstSeconds, secondSeconds, ratio }: Paired): BenchRow[] {
  const rate = (seconds: number): number => (tensorBytes * count) / seconds / 1e6;
  const bare = `bare socket, ${name}`;
  return [
    { case: bare, value: rate(secondSeconds), unit: 'MB/s' },
    { case: `TCP transport, ${name}`, value: rate(firstSeconds), unit: 'MB/s', ratioTo: bare, ratio },
  ];
}

/** One in flight: what a tensor waits until its acknowledgement is back. */
function latencyRows(count: number, { firstSeconds, secondSeconds, ratio }: Paired): BenchRow[] {
  const bare = 'bare socket, latency';
  return [
    { case: bare, value: (secondSeconds / count) * 1000, unit: 'ms' },
    {
      case: 'TCP transport, latency',
      value: (firstSeconds / count) * 1000,
      unit: 'ms',
      ratioTo: bare,
      ratio: 1 / ratio,
    },
  ];
}
