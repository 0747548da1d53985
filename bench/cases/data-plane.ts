import { type Codec, seconds } from '@tandem/core';
import type { Answer } from '@tandem/runtime';
import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { median } from '../paired.ts';
import { type Agents, type AgentsOptions, openAgents } from '../pipeline/agents.ts';

type Setting = Pick<AgentsOptions, 'listen' | 'codec'> & { readonly name: string };

const raw: Codec = { kind: 'raw' };
const settings: readonly Setting[] = [
  { name: 'resnet-50, raw, TCP', listen: '127.0.0.1:0', codec: raw },
  { name: 'resnet-50, raw, WebSocket', listen: 'ws://127.0.0.1:0', codec: raw },
  {
    name: 'resnet-50, affine8, TCP',
    listen: '127.0.0.1:0',
    codec: { kind: 'affine', bits: 8, perChannel: false },
  },
];

const requests = 60;
const warmUp = 5;
const paceSeconds = seconds(0.04);
const pacedRequests = 150;
/** Left out at both ends of a stream: filling and draining are not its rate. */
const pacedEnds = 20;

/** What the runtime adds to the model: around one request, and to the period of a stream. */
export const dataPlane: Bench = {
  title:
    'A request through agents against the time inside ONNX Runtime, and streams against their slowest stage.',
  run: async (context: BenchContext): Promise<BenchResult> => {
    const rows: BenchRow[] = [];
    for (const setting of settings.filter(({ name }) => name.includes(context.only)))
      rows.push(...(await oneRequestAtATime(setting, context)));
    for (const stages of [2, 3, 4])
      if (pacedName(stages).includes(context.only)) rows.push(await stream(stages, context));
    return { rows, remarks };
  },
};

const remarks = [
  `Two agent processes on loopback, the network cut by work in two halves, one thread each; ${requests} requests one at a time after ${warmUp}.`,
  'Data plane: a request from the submission at the gateway to its answer, less the time inside ONNX Runtime of the same request; median. Targets: at most 5 % of the request, and 2 ms a hop.',
  'A hop: from the end of the first stage to the tensor at the second, coding included; median.',
  'Where it goes was counted apart from this page, when it was 4.3 ms: raw over TCP, by timestamps along the way of 60 requests, the processes at real-time priority beside other work (medians): 1.2 ms the tensors in sockets, 0.3 ms of that their checksums; 1.1 ms four hand-overs between threads of an agent; 2.0 ms messages read, decided about and written by three processes, one after the other. That is slow because a run of the model leaves none of its code and data in the caches: a header is written in 5 µs right after another, in 44 µs after 128 MB have been read.',
  `Streams: stages that take ${1000 * paceSeconds} ms each because they sleep, ${pacedRequests} requests, window 2 a stage; rate between the ${pacedEnds}th answer and the ${pacedEnds}th before the last, as a share of 1 / the slowest stage. Target: 0.95.`,
];

async function withAgents<Result>(
  options: AgentsOptions,
  body: (agents: Agents) => Promise<Result>,
): Promise<Result> {
  const agents = await openAgents(options);
  try {
    return await body(agents);
  } finally {
    await agents.close();
  }
}

function oneRequestAtATime({ name, listen, codec }: Setting, context: BenchContext): Promise<BenchRow[]> {
  const two = { network: 'resnet-50', stages: 2, paceSeconds: null, window: 4 } as const;
  return withAgents({ ...two, listen, codec, signal: context.signal }, async ({ gateway, inputs }) => {
    const answers: Answer[] = [];
    for (let index = -warmUp; index < requests; index++) {
      const answer = await gateway.request(inputs, { signal: context.signal });
      if (index >= 0) answers.push(answer);
    }
    const rows = rowsOf(name, answers);
    for (const { case: what, value, unit } of rows)
      context.progress(`${what}: ${value.toPrecision(3)} ${unit}`);
    return rows;
  });
}

function rowsOf(name: string, answers: readonly Answer[]): BenchRow[] {
  const whole = median(answers.map((answer) => answer.seconds));
  const added = median(answers.map((answer) => answer.seconds - computeOf(answer)));
  const hop = median(
    answers.flatMap(({ transfers }) => transfers.map((transfer) => transfer.seconds ?? NaN)),
  );
  const sent = answers[0]?.transfers[0]?.bytes ?? NaN;
  return [
    { case: `${name}: request`, value: whole, unit: 's' },
    {
      case: `${name}: data plane`,
      value: added,
      unit: 's',
      ratioTo: `${name}: request`,
      ratio: added / whole,
    },
    { case: `${name}: hop`, value: hop, unit: 's' },
    { case: `${name}: sent a hop`, value: sent, unit: 'bytes' },
  ];
}

const computeOf = ({ stages }: Answer): number =>
  stages.reduce((sum, { computeSeconds }) => sum + computeSeconds, 0);

const pacedName = (stages: number): string => `stream over ${stages} stages`;

function stream(stages: number, context: BenchContext): Promise<BenchRow> {
  const { signal } = context;
  const few = { network: 'cifar-resnet-8', listen: '127.0.0.1:0', codec: raw, paceSeconds } as const;
  return withAgents({ ...few, stages, window: 2 * stages, signal }, async ({ gateway, inputs }) => {
    const at: number[] = [];
    const items = Array.from({ length: pacedRequests }, () => ({ inputs }));
    for await (const { error } of gateway.stream(items, { window: 2 * stages, signal })) {
      if (error !== null) throw error;
      at.push(performance.now() / 1000);
    }
    const counted = pacedRequests - 2 * pacedEnds;
    const rate = counted / ((at[pacedRequests - pacedEnds] ?? NaN) - (at[pacedEnds] ?? NaN));
    const share = rate * paceSeconds;
    context.progress(`${pacedName(stages)}: ${share.toFixed(3)} of the bottleneck's rate`);
    return { case: pacedName(stages), value: share, unit: 'of 1 / slowest stage' };
  });
}
