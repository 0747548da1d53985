import { createInterface } from 'node:readline';
import { createRandom, metricsOf, type Plan, type Problem, planWays } from '@tandem/core';
import { systemClock } from '@tandem/node';
import type { Gateway } from '@tandem/runtime';
import {
  plansOfContender,
  problemOfSetting,
  type Readings,
  requestsPerSecond,
  simulatedReadings,
} from '../../packages/cli/src/reproduce/coach-testbed.ts';
import { countedWay } from '../../packages/cli/src/run/counted-way.ts';
import { sameOutputs } from '../../packages/cli/src/run/same-outputs.ts';
import { runStream, type StreamFigures, streamTrace } from '../../packages/cli/src/run/stream-run.ts';
import { type ContestLine, type ContestOrder, slowMotion, streamed } from './contest-lines.ts';
import { deployImitated, papersGateway, sourceSeconds, timeoutSeconds } from './imitated-devices.ts';

/** Runs on the gateway's host: for each line of standard input, a contender's plans on the agents and in the simulator. */
const { signal } = new AbortController();

/** What of a plan is measured, in the paper's time. */
interface PlanReadings extends Readings {
  readonly failed: number;
  readonly differing: number;
  readonly serverLateSeconds: number;
  readonly deviceSlowdown: number;
}

async function contest({ setting, contender, reach }: ContestOrder): Promise<ContestLine> {
  const random = createRandom(1);
  const plans = await plansOfContender(setting, contender, { clock: systemClock, random, signal });
  const problem = problemOfSetting(setting, 'latency');
  const gateway = await papersGateway(reach, signal);
  try {
    const distinct = [...new Set(Object.values(plans))];
    const results = new Map<Plan, PlanReadings>();
    for (const [version, plan] of distinct.entries()) {
      const own = { ...plan, version: version + 1 };
      const wanted = (key: keyof typeof plans): boolean => plans[key] === plan;
      results.set(plan, await measure(gateway, problem, own, setting.network, wanted));
    }
    const of = (key: keyof typeof plans): PlanReadings | undefined => results.get(plans[key]);
    const nan = Number.NaN;
    return {
      measured: {
        alone: of('alone')?.alone ?? nan,
        sojourn: of('sojourn')?.sojourn ?? nan,
        period: of('period')?.period ?? nan,
      },
      simulated: simulatedReadings(setting, plans, streamed),
      failed: sum([...results.values()], ({ failed }) => failed),
      differing: sum([...results.values()], ({ differing }) => differing),
      serverLateSeconds: of('alone')?.serverLateSeconds ?? nan,
      deviceSlowdown: Math.max(...[...results.values()].map(({ deviceSlowdown }) => deviceSlowdown)),
    };
  } finally {
    await gateway.close();
  }
}

const sum = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

async function measure(
  gateway: Gateway,
  problem: Problem,
  plan: Plan,
  network: ContestOrder['setting']['network'],
  wanted: (key: 'alone' | 'sojourn' | 'period') => boolean,
): Promise<PlanReadings> {
  const { pattern } = planWays(problem, plan);
  const { inputs, answer } = await deployImitated(gateway, {
    network,
    problem,
    plan,
    slowMotion,
    waiting: streamed,
    signal,
  });
  const stream = async (atSeconds: readonly number[] | null): Promise<StreamFigures | null> => {
    const counts = await runStream(gateway, {
      wanted: { requests: streamed, atSeconds, window: 8, waiting: streamed, ordered: false },
      pattern,
      inputs,
      answer,
      isDecided: false,
      isSame: (own, first) => sameOutputs(own.outputs, first.outputs),
      timeoutSeconds,
      signal,
      progress: () => undefined,
    });
    const trace = await streamTrace(gateway, [counts], signal);
    return trace === null ? null : { counts, trace };
  };
  const every = Array.from({ length: streamed }, (_, at) => (slowMotion * at) / requestsPerSecond);
  const steady = wanted('sojourn') ? await stream(every) : null;
  const busy = wanted('period') ? await stream(null) : null;
  await gateway.withdraw(plan.version, signal);
  const stay = steady === null ? undefined : metricsOf(steady.trace).latencySeconds?.mean;
  const pace = busy === null ? undefined : metricsOf(busy.trace).steadyRequestsPerSecond;
  const way = countedWay(problem, plan);
  const server = answer.stages.filter(({ device }) => device !== problem.workload.source);
  const due = sum(
    way.report.stages.filter((_, at) => way.plan.stages[at]?.device !== problem.workload.source),
    ({ computeSeconds }) => computeSeconds,
  );
  return {
    alone: answer.seconds / slowMotion,
    sojourn: (stay ?? Number.NaN) / slowMotion,
    period: 1 / (pace ?? Number.NaN) / slowMotion,
    deviceSlowdown: Math.max(
      ...[steady, busy].map((one) => (one === null ? 1 : deviceSlowdown(one, problem, plan))),
    ),
    failed: (steady?.counts.failed ?? 0) + (busy?.counts.failed ?? 0),
    differing: (steady?.counts.differing ?? 0) + (busy?.counts.differing ?? 0),
    serverLateSeconds: sum(server, ({ busySeconds }) => busySeconds) / slowMotion - due,
  };
}

/** By the trace: what the device with the inputs was taken, over what the plan's ways, in turn, should take it. */
function deviceSlowdown(
  { trace, counts: { answered } }: StreamFigures,
  problem: Problem,
  plan: Plan,
): number {
  const { source } = problem.workload;
  const { pattern } = planWays(problem, plan);
  const times = sourceSeconds(problem, plan);
  const due = (slowMotion * answered * sum(pattern, (way) => times[way] ?? 0)) / pattern.length;
  const busy = metricsOf(trace).devices.find(({ device }) => device === source)?.busySeconds ?? 0;
  return due === 0 ? 1 : busy / due;
}

for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(await contest(JSON.parse(line) as ContestOrder))}\n`);
