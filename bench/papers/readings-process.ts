import { createInterface } from 'node:readline';
import {
  createRandom,
  evaluate,
  metricsOf,
  type Plan,
  type Problem,
  planWays,
  seconds,
  stageNumbers,
  zooModel,
} from '@tandem/core';
import { createSha256, systemClock, systemClockName, tcp } from '@tandem/node';
import { connectGateway, deploymentOf, type Gateway, segmentSources } from '@tandem/runtime';
import {
  contenders,
  plansOfContender,
  problemOfSetting,
  type Readings,
  requestsPerSecond,
  simulatedReadings,
} from '../../packages/cli/src/reproduce/coach-testbed.ts';
import { countedWay, requestsBefore } from '../../packages/cli/src/run/counted-way.ts';
import { runStream, type StreamFigures, sameOutputs } from '../../packages/cli/src/run/stream-run.ts';
import { randomInputs } from '../models/random-inputs.ts';
import { type ContestLine, type ContestOrder, slowMotion, streamed } from './contest-lines.ts';

/** Runs on the gateway's host: for each line of standard input, a contender's plans on the agents and in the simulator. */
const { signal } = new AbortController();
const timeoutSeconds = seconds(300);

/** What of a plan is measured, in the paper's time. */
interface PlanReadings extends Readings {
  readonly failed: number;
  readonly differing: number;
  readonly serverLateSeconds: number;
  readonly deviceSlowdown: number;
}

async function contest({ setting, contender, addresses, token }: ContestOrder): Promise<ContestLine> {
  const random = createRandom(1);
  const plans = await plansOfContender(setting, contenders[contender], {
    clock: systemClock,
    random,
    signal,
  });
  const problem = problemOfSetting(setting, 'latency');
  const reach = { transport: tcp(), clock: systemClock, clockName: systemClockName() };
  const gateway = await connectGateway({ ...reach, token, addresses, signal });
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
  const model = zooModel(network, { classes: 100, batch: 1 });
  const { ways, pattern } = planWays(problem, plan);
  const distinct = { stages: stageNumbers(ways).stages };
  const sources = segmentSources({ model, graph: problem.graph, plan: distinct, createSha256 });
  const paceSeconds = ways.flatMap((way) =>
    evaluate(problem, way).stages.map(({ computeSeconds }) => seconds(slowMotion * computeSeconds)),
  );
  const deployment = deploymentOf({
    problem: imitated(problem),
    plan,
    segments: sources.map(({ manifest }) => manifest),
    paceSeconds,
    paceLinks: false,
    firstTicket: requestsBefore,
    requestTimeoutSeconds: timeoutSeconds,
  });
  const bySource = new Map(sources.map((source) => [source.manifest.digest, source]));
  const trace = { model: network, planner: plan.planner };
  await gateway.deploy(deployment, bySource, { signal, waiting: streamed, trace });
  const inputs = randomInputs(problem.graph, createRandom(1));
  await gateway.request(inputs, { version: plan.version, signal });
  const answer = await gateway.request(inputs, { version: plan.version, signal });
  const stream = (atSeconds: readonly number[] | null): Promise<StreamFigures> =>
    runStream(gateway, {
      wanted: { requests: streamed, atSeconds, window: 8, waiting: streamed, ordered: false },
      pattern,
      inputs,
      answer,
      isDecided: false,
      isSame: sameOutputs,
      timeoutSeconds,
      signal,
      progress: () => undefined,
    });
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
    failed: (steady?.failed ?? 0) + (busy?.failed ?? 0),
    differing: (steady?.differing ?? 0) + (busy?.differing ?? 0),
    serverLateSeconds: sum(server, ({ busySeconds }) => busySeconds) / slowMotion - due,
  };
}

/** By the trace: what the device with the inputs was taken, over what the plan's ways, in turn, should take it. */
function deviceSlowdown({ trace, answered }: StreamFigures, problem: Problem, plan: Plan): number {
  const { source } = problem.workload;
  const { ways, pattern } = planWays(problem, plan);
  const times = ways.map((way) =>
    sum(evaluate(problem, way).stages, ({ device, computeSeconds }) =>
      device === source ? computeSeconds : 0,
    ),
  );
  const due = (slowMotion * answered * sum(pattern, (way) => times[way] ?? 0)) / pattern.length;
  const busy = metricsOf(trace).devices.find(({ device }) => device === source)?.busySeconds ?? 0;
  return due === 0 ? 1 : busy / due;
}

/** Its devices hold their answers until the times that they are given, computed by one core. */
function imitated(problem: Problem): Problem {
  const devices = problem.cluster.devices.map((device) => ({ ...device, emulated: true, threads: 1 }));
  return { ...problem, cluster: { ...problem.cluster, devices } };
}

for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(await contest(JSON.parse(line) as ContestOrder))}\n`);
