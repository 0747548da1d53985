import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidInputError } from '@tandem/core';
import { z } from 'zod';
import type { Bench, BenchContext, BenchResult, BenchRow } from '../bench.ts';
import { withScratch } from '../models/scratch.ts';
import { median } from '../paired.ts';
import { tandemProgram } from '../tandem-program.ts';

const manyInFlight = 4;
const small = { model: 'zoo:cifar-resnet-8', devices: 6, stages: 3, timeoutSeconds: 30 };
const larger = { model: 'zoo:mobilenet-v2', devices: 6, stages: 4, timeoutSeconds: 30 };

/** What happens to whom, as `tandem chaos` reads it. */
const scenarios: Readonly<Record<string, object>> = {
  'kills, small model': {
    ...small,
    requests: 9600,
    faults: [{ kind: 'kill', afterRequests: 40, times: 40, everyRequests: 230, forSeconds: 0.1 }],
  },
  'kills, larger model': {
    ...larger,
    requests: 1500,
    faults: [{ kind: 'kill', afterRequests: 20, times: 20, everyRequests: 70, forSeconds: 0.1 }],
  },
  freezes: {
    ...small,
    requests: 1500,
    faults: [{ kind: 'freeze', afterRequests: 40, times: 8, everyRequests: 150, forSeconds: 2 }],
  },
  partitions: {
    ...small,
    requests: 1500,
    faults: [{ kind: 'partition', afterRequests: 40, times: 8, everyRequests: 150, forSeconds: 2 }],
  },
  'damaged frames': {
    ...small,
    requests: 1500,
    faults: [{ kind: 'corrupt', afterRequests: 20, times: 20, everyRequests: 60 }],
  },
  'two devices at once': {
    ...small,
    requests: 1500,
    faults: [
      { kind: 'kill', together: 2, afterRequests: 40, times: 4, everyRequests: 300, forSeconds: 0.1 },
      { kind: 'freeze', together: 2, afterRequests: 190, times: 3, everyRequests: 300, forSeconds: 2 },
    ],
  },
  'full disks': {
    ...small,
    requests: 900,
    faults: [
      { kind: 'disk-full', devices: ['d4', 'd5', 'd6'], afterRequests: 10, forSeconds: 300 },
      { kind: 'kill', afterRequests: 60, times: 3, everyRequests: 250, forSeconds: 0.1 },
    ],
  },
  'squeezed memory': {
    ...small,
    requests: 1500,
    faults: [{ kind: 'memory-squeeze', afterRequests: 40, times: 6, everyRequests: 200, forSeconds: 2 }],
  },
  'clocks that jump': {
    ...small,
    requests: 1500,
    faults: [
      { kind: 'clock-jump', afterRequests: 40, times: 3, everyRequests: 400 },
      { kind: 'clock-jump', jumpSeconds: -3600, afterRequests: 240, times: 3, everyRequests: 400 },
    ],
  },
  'gateway kills': {
    ...small,
    requests: 1500,
    faults: [{ kind: 'gateway-kill', afterRequests: 100, times: 3, everyRequests: 400, forSeconds: 0.1 }],
  },
  '20 agents, paced': {
    model: 'zoo:cifar-resnet-8',
    devices: 20,
    stages: 8,
    paceSeconds: 0.02,
    window: 16,
    requests: 1200,
    faults: [{ kind: 'kill', afterRequests: 40, times: 12, everyRequests: 90, forSeconds: 0.1 }],
  },
};

const resultSchema = z.object({
  requests: z.number(),
  stages: z.number(),
  elapsedSeconds: z.number(),
  counts: z.object({
    answered: z.number(),
    failed: z.number(),
    lost: z.number(),
    wrong: z.number(),
    duplicates: z.number(),
    outOfOrder: z.number(),
    repaired: z.number(),
    slowestSeconds: z.number(),
  }),
  faults: z.array(
    z.object({
      kind: z.string(),
      inFlight: z.number(),
      inside: z.array(z.number()),
      backSeconds: z.number().nullable(),
    }),
  ),
  notDone: z.number(),
});

type Result = z.infer<typeof resultSchema>;

/** Faults on real processes: what is counted does not depend on how fast they are. */
export const chaos: Bench = {
  title:
    'What becomes of requests while agents are killed, frozen, cut off, sent damaged frames, alone and in pairs, and the gateway killed: tandem chaos.',
  run: async (context: BenchContext): Promise<BenchResult> => {
    const results: [name: string, result: Result][] = [];
    for (const [name, scenario] of Object.entries(scenarios)) {
      if (!name.includes(context.only)) continue;
      context.progress(name);
      results.push([name, await resultOf(scenario, context)]);
    }
    const rows = results.flatMap(([name, result]) => rowsOf(name, result));
    return { rows: [...sumOf(results.map(([, result]) => result)), ...rows], remarks };
  },
};

const remarks = [
  'Processes of this machine, each behind a proxy; 8 requests in flight (20 agents: 16), answers in order. Every answer is held bit for bit to that of the whole model, which is asked before at the same optimisation (basic); seven inputs go round.',
  'Kill: SIGKILL, started again 0.1 s later. Freeze: SIGSTOP for 2 s. Partition: the proxy carries nothing for 2 s, and tells neither end. Damaged frames: one bit flipped on its way to the agent. 20 agents: 8 stages, each held until it took 20 ms.',
  'Victims are the devices that run stages, those that were hit least first, hit at a moment at which the trace shows a request inside; stages hit: those that ran then. A device that comes back is on probation, so stages gather on those that were not hit of late.',
  'Full disks: the agents of the three devices that stand by cannot let a file grow (prlimit) while those that run stages are killed; a device whose limit lasts to the end counts in no time of coming back.',
  'Squeezed memory: for 2 s the agent gets no private memory beyond what it has (prlimit --data=1); one that ends of it is started again. Clocks that jump: the wall clock of the process, as JavaScript reads it, goes an hour ahead or back and half a second later the other way; timers and the monotonic clock go on, by which everything here is timed.',
  'Gateway kills: SIGKILL to the gateway, which has a process and a journal of its own; another is started 0.1 s later, loads the stages again and answers what was accepted. Answers come as they come; inside: in any agent.',
  'Lost: neither answered nor told to have failed. Back: until the gateway has the device again, from the end of the fault (a killed agent: from its start).',
];

async function resultOf(scenario: object, context: BenchContext): Promise<Result> {
  return await withScratch(async (folder) => {
    const path = join(folder, 'scenario.json');
    await writeFile(path, JSON.stringify(scenario));
    return resultSchema.parse(JSON.parse(await output(['chaos', path, '--json'], context.signal)));
  });
}

/** Exit status 1 says that something was lost, which the rows tell, too. */
function output(options: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const settings = { signal, killSignal: 'SIGTERM', maxBuffer: 2 ** 26 } as const;
    execFile(process.execPath, [tandemProgram, ...options], settings, (error, stdout, stderr) => {
      if (stdout !== '') resolve(stdout);
      else
        reject(
          new InvalidInputError(`tandem chaos said nothing: ${stderr}`, 'See what it says.', {
            cause: error,
          }),
        );
    });
  });
}

/** Over all scenarios, and what was asked of the kills of agents. */
function sumOf(results: readonly Result[]): BenchRow[] {
  const sum = (of: (result: Result) => number): number =>
    results.reduce((total, result) => total + of(result), 0);
  const row = (what: string, value: number, unit: string): BenchRow => ({
    case: `all: ${what}`,
    value,
    unit,
  });
  const kills = results.flatMap(({ faults }) => faults.filter(({ kind }) => kind === 'kill'));
  const atWork = kills.filter(({ inFlight, inside }) => inFlight >= manyInFlight && inside.length > 0);
  const requests = sum((result) => result.requests);
  const answered = sum(({ counts }) => counts.answered);
  return [
    {
      ...row('answered right', answered, 'requests'),
      ratioTo: `${requests} requests`,
      ratio: answered / requests,
    },
    row(
      'lost',
      sum(({ counts }) => counts.lost),
      'requests',
    ),
    row(
      'wrong',
      sum(({ counts }) => counts.wrong),
      'requests',
    ),
    row(
      'answered twice or out of order',
      sum(({ counts }) => counts.duplicates + counts.outOfOrder),
      'requests',
    ),
    row(
      'told to have failed',
      sum(({ counts }) => counts.failed),
      'requests',
    ),
    row(
      'faults',
      sum(({ faults }) => faults.length),
      'faults',
    ),
    row('kills of agents', kills.length, 'kills'),
    row(`kills of agents with ${manyInFlight} requests in flight and one inside`, atWork.length, 'kills'),
  ];
}

function rowsOf(
  name: string,
  { requests, stages, elapsedSeconds, counts, faults, notDone }: Result,
): BenchRow[] {
  const { answered, failed, lost, wrong, duplicates, outOfOrder, repaired, slowestSeconds } = counts;
  const count = (what: string, value: number, unit = 'requests'): BenchRow => ({
    case: `${name}: ${what}`,
    value,
    unit,
  });
  const hit = new Set(faults.flatMap(({ inside }) => inside));
  const back = faults.flatMap(({ backSeconds }) => backSeconds ?? []);
  return [
    { ...count('answered right', answered), ratioTo: `${requests} requests`, ratio: answered / requests },
    count('lost', lost),
    count('wrong', wrong),
    count('answered twice or out of order', duplicates + outOfOrder),
    count('told to have failed', failed),
    count('moved to other devices', repaired),
    count('faults', faults.length, 'faults'),
    count('faults not done', notDone, 'faults'),
    count('fewest in flight at a fault', Math.min(...faults.map(({ inFlight }) => inFlight))),
    count('faults with a request inside', faults.filter(({ inside }) => inside.length > 0).length, 'faults'),
    { ...count('stages hit', hit.size, 'stages'), ratioTo: `${stages} stages`, ratio: hit.size / stages },
    count('back after, median', back.length === 0 ? Number.NaN : median(back), 's'),
    count('slowest answer', slowestSeconds, 's'),
    count('pace', requests / elapsedSeconds, 'requests/s'),
  ];
}
