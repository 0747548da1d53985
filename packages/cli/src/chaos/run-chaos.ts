import { setTimeout as sleep } from 'node:timers/promises';
import { type ChaosDocument, createRandom, type Graph, seconds } from '@tandem/core';
import { createSha256, type LoadedModel, systemClock, systemClockName, tcp } from '@tandem/node';
import {
  connectGateway,
  deploymentOf,
  type Gateway,
  type StreamItem,
  segmentSources,
  type TensorValue,
} from '@tandem/runtime';
import { ChaosCount, type ChaosCounts } from './chaos-count.ts';
import { ChaosFleet } from './chaos-fleet.ts';
import { evenPipeline } from './even-pipeline.ts';
import { type DoneFault, FaultDriver } from './fault-driver.ts';

export interface ChaosRun {
  readonly document: ChaosDocument;
  readonly loaded: LoadedModel;
  readonly graph: Graph;
  /** They go round. */
  readonly inputs: readonly (readonly TensorValue[])[];
  /** The whole model's answers to them. */
  readonly expected: readonly (readonly TensorValue[])[];
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

export interface ChaosOutcome {
  readonly requests: number;
  readonly devices: number;
  readonly stages: number;
  readonly elapsedSeconds: number;
  readonly counts: ChaosCounts;
  readonly faults: readonly DoneFault[];
  /** Faults for which the requests ended too soon. */
  readonly notDone: number;
}

export async function runChaos(run: ChaosRun): Promise<ChaosOutcome> {
  const { document, graph, signal, log } = run;
  const { problem, plan } = evenPipeline(graph, document);
  const devices = problem.cluster.devices.map(({ id }) => id);
  log(`starting ${devices.length} agents`);
  const fleet = await ChaosFleet.open({ devices, signal, log });
  try {
    const gateway = await connectGateway({
      transport: tcp(),
      clock: systemClock,
      clockName: systemClockName(),
      token: fleet.token,
      addresses: fleet.addresses,
      signal,
      log,
    });
    try {
      await deploy(gateway, run, { problem, plan });
      const outcome = await stream(gateway, fleet, run);
      return { devices: devices.length, stages: plan.stages.length, ...outcome };
    } finally {
      await gateway.close();
    }
  } finally {
    await fleet.close();
  }
}

async function deploy(
  gateway: Gateway,
  { document, loaded, graph, signal }: ChaosRun,
  { problem, plan }: ReturnType<typeof evenPipeline>,
): Promise<void> {
  const { paceSeconds, timeoutSeconds, window, ordered } = document;
  const sources = segmentSources({ model: loaded.model, graph, plan, createSha256 });
  const deployment = deploymentOf({
    problem,
    plan,
    segments: sources.map(({ manifest }) => manifest),
    paceLinks: false,
    ...(paceSeconds > 0 ? { paceSeconds: plan.stages.map(() => paceSeconds) } : {}),
    optimisation: 'basic',
    requestTimeoutSeconds: timeoutSeconds,
    repair: { retain: true },
  });
  await gateway.deploy(deployment, new Map(sources.map((source) => [source.manifest.digest, source])), {
    signal,
    window,
    ordered,
    trace: { model: graph.name, planner: plan.planner },
  });
}

async function stream(
  gateway: Gateway,
  fleet: ChaosFleet,
  run: ChaosRun,
): Promise<Omit<ChaosOutcome, 'devices' | 'stages'>> {
  const { document, expected, signal, log } = run;
  const { requests, window, ordered, faults, seed, timeoutSeconds } = document;
  const over = new AbortController();
  const ending = AbortSignal.any([signal, over.signal]);
  const random = createRandom(seed).split('faults');
  const driver = new FaultDriver({ faults, fleet, gateway, random, signal: ending, log });
  const count = new ChaosCount(expected);
  const start = performance.now();
  let [heard, told] = [start, start];
  const stuck = watch(() => performance.now() - heard > 2000 * timeoutSeconds, over);
  try {
    driver.progress(0);
    for await (const result of gateway.stream(items(run), { window, ordered, signal: ending })) {
      count.add(result);
      driver.progress(count.ended);
      heard = performance.now();
      if (heard - told < 2000) continue;
      told = heard;
      log(`${count.ended} of ${requests} requests`);
    }
  } catch (error) {
    if (signal.aborted || !over.signal.aborted) throw error;
  } finally {
    over.abort(new Error('the stream is over'));
    await Promise.all([driver.settled(), stuck]);
  }
  const elapsedSeconds = (performance.now() - start) / 1000;
  return {
    requests,
    elapsedSeconds,
    counts: count.counts(requests, ordered),
    faults: driver.done,
    notDone: faults.reduce((sum, { times }) => sum + times, 0) - driver.done.length,
  };
}

/** Ends a stream of which nothing comes any more: what has not come then is lost. */
async function watch(isStuck: () => boolean, over: AbortController): Promise<void> {
  while (!over.signal.aborted) {
    await sleep(500, undefined, { signal: over.signal }).catch(() => undefined);
    if (isStuck()) over.abort(new Error('nothing comes any more'));
  }
}

function* items({ document, inputs }: ChaosRun): Generator<StreamItem> {
  for (let index = 0; index < document.requests; index++)
    yield { inputs: inputs[index % inputs.length] ?? [], timeoutSeconds: seconds(document.timeoutSeconds) };
}
