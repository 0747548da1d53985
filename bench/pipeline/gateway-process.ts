import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { createRandom, evaluate, graphOf, seconds, traceLines, traceOf } from '@tandem/core';
import { createSha256, loadModel, systemClock, systemClockName, tcp } from '@tandem/node';
import {
  type Answer,
  connectGateway,
  type Deployment,
  deploymentOf,
  type Gateway,
  segmentSources,
  segmentsByDigest,
  type TensorValue,
} from '@tandem/runtime';
import { sameOutputs } from '../../packages/cli/src/run/same-outputs.ts';
import { randomInputs } from '../models/random-inputs.ts';
import { plannedArrivals } from './arrivals.ts';
import type { GatewayOrder, GatewaySetup, LoadLine, RunLine } from './gateway-lines.ts';
import { type PipelineCase, readPipelineCase } from './pipeline-case.ts';
import { singleStage, stageVersion } from './single-stage.ts';
import { stageUses } from './stage-uses.ts';
import { stagedPlan } from './staged-plan.ts';

/** Runs on the gateway's host: deploys the case once traced and each stage on its own, then does what standard input says. */
const life = new AbortController();
const { signal } = life;
/** For one request: links of a recording may pass next to nothing for many seconds. */
const timeoutSeconds = seconds(300);

interface Deployed {
  readonly own: PipelineCase;
  readonly gateway: Gateway;
  readonly deployment: Deployment;
  readonly inputs: readonly TensorValue[];
}

async function deploy({ path, calibration, addresses, token }: GatewaySetup): Promise<Deployed> {
  const own = await readPipelineCase(path);
  const loaded = await loadModel(own.model);
  const graph = graphOf(loaded.model, { batch: 1 });
  const { problem, plan } = stagedPlan(graph, own, calibration);
  const sources = segmentSources({ model: loaded.model, graph, plan, createSha256 });
  const deployment = deploymentOf({
    problem,
    plan,
    segments: sources.map(({ manifest }) => manifest),
    paceSeconds: evaluate(problem, plan).stages.map(({ computeSeconds }) => computeSeconds),
    paceLinks: false,
    requestTimeoutSeconds: timeoutSeconds,
  });
  const reach = { transport: tcp(), clock: systemClock, clockName: systemClockName() };
  const gateway = await connectGateway({ ...reach, token, addresses, signal });
  const bySource = segmentsByDigest(sources);
  for (const { stage } of deployment.stages)
    await gateway.deploy(singleStage(deployment, stage), bySource, { signal });
  const options = { signal, window: own.window, waiting: own.requests };
  await gateway.deploy(deployment, bySource, { ...options, trace: { model: own.model, planner: 'by-hand' } });
  await loaded.close();
  return { own, gateway, deployment, inputs: randomInputs(graph, createRandom(1)) };
}

async function run({ own, gateway, deployment, inputs }: Deployed, tracePath: string): Promise<RunLine> {
  const { version } = deployment;
  await gateway.request(inputs, { version, signal });
  const alone = await gateway.request(inputs, { version, signal });
  await gateway.trace(signal);
  const start = systemClock.now();
  const times = plannedArrivals(own);
  const results = await Promise.allSettled(
    times.map(async (time) => {
      const left = start + time - systemClock.now();
      if (left > 0) await systemClock.sleep(seconds(left), signal);
      return await gateway.request(inputs, { version, signal });
    }),
  );
  const endSeconds = systemClock.now();
  const { header, events } = await gateway.trace(signal);
  const trace = traceOf(
    header,
    events.filter(({ atSeconds }) => atSeconds >= start),
  );
  await writeFile(tracePath, [...traceLines(trace)].join(''));
  const answers = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.find((result) => result.status === 'rejected');
  return {
    kind: 'ran',
    answered: answers.length,
    failed: results.length - answers.length,
    differing: answers.filter((answer) => !sameOutputs(answer.outputs, alone.outputs)).length,
    firstError: failed === undefined ? null : String(failed.reason),
    startSeconds: start,
    endSeconds,
    stages: stageUses(answers.slice(Math.ceil(answers.length / 10))),
  };
}

type Load = Extract<GatewayOrder, { kind: 'load' }>;

async function load({ gateway, deployment }: Deployed, order: Load): Promise<LoadLine> {
  const until = systemClock.now() + order.seconds;
  const loads = order.stages.map(async ({ stage, everySeconds }) => {
    const inputs = randomTensors(singleStage(deployment, stage));
    const ask = (): Promise<Answer> => gateway.request(inputs, { version: stageVersion(stage), signal });
    const answers = await (everySeconds === null
      ? askAlways(ask, until)
      : askEvery(ask, everySeconds, until));
    return stageUses(answers.slice(Math.ceil(answers.length / 10))).map((use) => ({ ...use, stage }));
  });
  return { kind: 'loaded', stages: (await Promise.all(loads)).flat() };
}

/** A few at a time, so that the next is there when the stage ends. */
async function askAlways(ask: () => Promise<Answer>, until: number): Promise<Answer[]> {
  const answers: Answer[] = [];
  const askOn = async (): Promise<void> => {
    while (systemClock.now() < until) answers.push(await ask());
  };
  await Promise.all([askOn(), askOn(), askOn()]);
  return answers;
}

async function askEvery(ask: () => Promise<Answer>, every: number, until: number): Promise<Answer[]> {
  const asked: Promise<Answer>[] = [];
  for (let due: number = systemClock.now(); due < until; due += every) {
    const left = due - systemClock.now();
    if (left > 0) await systemClock.sleep(seconds(left), signal);
    asked.push(ask());
  }
  return await Promise.all(asked);
}

/** Values of no meaning: what a stage takes does not depend on them. */
function randomTensors({ tensors, routes }: Deployment): TensorValue[] {
  const random = createRandom(2);
  return routes.flatMap(({ tensor, from }) => {
    const declared = from === null ? tensors.find(({ name }) => name === tensor) : undefined;
    if (declared === undefined) return [];
    const count = declared.shape.reduce((product, extent) => product * extent, 1);
    const data = new Uint8Array(Float32Array.from({ length: count }, () => random.next()).buffer);
    return [{ ...declared, data }];
  });
}

const print = (line: object): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);

async function serve(): Promise<void> {
  let deployed: Deployed | null = null;
  for await (const line of createInterface({ input: process.stdin })) {
    if (deployed === null) {
      deployed = await deploy(JSON.parse(line) as GatewaySetup);
      print({ kind: 'ready' });
      continue;
    }
    const order = JSON.parse(line) as GatewayOrder;
    print(order.kind === 'run' ? await run(deployed, order.tracePath) : await load(deployed, order));
  }
  await deployed?.gateway.close();
}

process.stdin.on('end', () => setTimeout(() => process.exit(1), 5000).unref());
await serve();
