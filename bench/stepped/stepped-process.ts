import { createInterface } from 'node:readline';
import { planWays, scheduleDefaults } from '@tandem/core';
import { systemClock } from '@tandem/node';
import type { Answer, Gateway, StreamItem, StreamResult, TensorValue } from '@tandem/runtime';
import { problemOfSetting } from '../../packages/cli/src/reproduce/coach-testbed.ts';
import { sameOutputs } from '../../packages/cli/src/run/same-outputs.ts';
import { deployImitated, papersGateway, sourceSeconds, timeoutSeconds } from '../papers/imitated-devices.ts';
import { decisionsFor } from './chosen-bits.ts';
import { bitsOf, type Ended, phaseFigures } from './phase-figures.ts';
import type { PhaseLine, PhaseOrder, SteppedOrder } from './stepped-lines.ts';

/** Runs on the gateway's host: a plan on the agents under one stream without an end, told phase by phase as the link's rate changes. */
const life = new AbortController();
const { signal } = life;

/** One answer by way and bits: what all others like it have to be. */
const firsts = new Map<string, Answer>();

function isDifferent(way: number, answer: Answer): boolean {
  const key = JSON.stringify([way, bitsOf(answer)]);
  const first = firsts.get(key) ?? answer;
  firsts.set(key, first);
  return !sameOutputs(answer.outputs, first.outputs);
}

interface Running {
  readonly gateway: Gateway;
  readonly notes: readonly string[];
  phase(order: PhaseOrder): Promise<PhaseLine>;
}

async function start({ setting, plan, slowMotion, reach }: SteppedOrder): Promise<Running> {
  const problem = problemOfSetting(setting, 'period');
  const decided = decisionsFor(problem, plan);
  const gateway = await papersGateway(reach, signal);
  const { inputs } = await deployImitated(gateway, {
    network: setting.network,
    problem,
    plan,
    slowMotion,
    waiting: scheduleDefaults.waiting,
    ...(decided === null ? {} : { decided }),
    signal,
  });
  const { pattern } = planWays(problem, plan);
  const context = {
    source: problem.workload.source,
    sourceSeconds: sourceSeconds(problem, plan),
    slowMotion,
  };
  const results = gateway.stream(always(inputs), { ordered: false, signal });
  return {
    gateway,
    notes: decided?.notes ?? [],
    phase: async ({ settling, counted }) => {
      const ended: Ended[] = [];
      let differing = 0;
      const [most, passed] =
        typeof counted === 'number' ? [settling + counted, undefined] : [Infinity, counted.seconds];
      const end = systemClock.now() + (passed ?? Infinity);
      while (ended.length < most) {
        const next = await results.next();
        if (next.done === true || systemClock.now() >= end) break;
        const way = pattern[next.value.index % pattern.length] ?? 0;
        if (next.value.answer !== null && isDifferent(way, next.value.answer)) differing++;
        ended.push(endedOf(next.value, way));
      }
      return { kind: 'phase', differing, ...phaseFigures(ended, settling, context, passed) };
    },
  };
}

const endedOf = ({ answer, error }: StreamResult, way: number): Ended => ({
  way,
  answer,
  error: error?.message ?? null,
  atSeconds: systemClock.now(),
});

function* always(inputs: readonly TensorValue[]): Generator<StreamItem> {
  for (;;) yield { inputs, timeoutSeconds };
}

const print = (line: object): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);

async function serve(): Promise<void> {
  let running: Running | null = null;
  for await (const line of createInterface({ input: process.stdin })) {
    if (running === null) {
      running = await start(JSON.parse(line) as SteppedOrder);
      print({ kind: 'ready', notes: running.notes });
    } else print(await running.phase(JSON.parse(line) as PhaseOrder));
  }
  life.abort();
  await running?.gateway.close();
}

process.stdin.on('end', () => setTimeout(() => process.exit(1), 5000).unref());
await serve();
