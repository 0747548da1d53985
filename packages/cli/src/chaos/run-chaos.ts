import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ChaosDocument, chaosDevices, createRandom, type Graph } from '@tandem/core';
import type { LoadedModel } from '@tandem/node';
import type { TensorValue } from '@tandem/runtime';
import { slowLines } from '../slow-lines.ts';
import { ChaosCount, type ChaosCounts } from './chaos-count.ts';
import { ChaosFleet } from './chaos-fleet.ts';
import { type ChaosGateway, gatewayHere } from './chaos-gateway.ts';
import { deployedGateway } from './deployed-gateway.ts';
import { evenPipeline } from './even-pipeline.ts';
import { type DoneFault, FaultDriver } from './fault-driver.ts';
import { KillableGateway } from './killable-gateway.ts';

export interface ChaosRun {
  readonly document: ChaosDocument;
  /** Of the model, as `loadModel` takes it. */
  readonly reference: string;
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

/** A fault strikes while there is work, half of the default window. */
const manyInFlight = 4;

export async function runChaos(run: ChaosRun): Promise<ChaosOutcome> {
  const { document, graph, signal, log } = run;
  const { plan } = evenPipeline(graph, document);
  const devices = chaosDevices(document.devices);
  log(`starting ${devices.length} agents`);
  const fleet = await ChaosFleet.open({ devices, signal, log });
  try {
    return await withGateway(fleet, run, async (gateway) => {
      const outcome = await stream(gateway, fleet, run);
      return { devices: devices.length, stages: plan.stages.length, ...outcome };
    });
  } finally {
    await fleet.close();
  }
}

/** In a process of its own where a fault kills it. */
async function withGateway<Result>(
  { addresses, token }: ChaosFleet,
  run: ChaosRun,
  use: (gateway: ChaosGateway) => Promise<Result>,
): Promise<Result> {
  const { document, reference, inputs, signal, log } = run;
  const isKilled = document.faults.some(({ kind }) => kind === 'gateway-kill');
  const folder = isKilled ? await mkdtemp(join(tmpdir(), 'tandem-journal-')) : null;
  try {
    const gateway =
      folder === null
        ? gatewayHere(await deployedGateway({ ...run, addresses, token }), document, inputs)
        : await KillableGateway.open({
            setup: { document, reference, addresses, token, journalPath: join(folder, 'requests') },
            signal,
            log,
          });
    try {
      return await use(gateway);
    } finally {
      await gateway.close();
    }
  } finally {
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  }
}

async function stream(
  gateway: ChaosGateway,
  fleet: ChaosFleet,
  run: ChaosRun,
): Promise<Omit<ChaosOutcome, 'devices' | 'stages'>> {
  const { document, expected, signal, log } = run;
  const { requests, faults, seed, timeoutSeconds, window } = document;
  const ordered = document.ordered && faults.every(({ kind }) => kind !== 'gateway-kill');
  const over = new AbortController();
  const ending = AbortSignal.any([signal, over.signal]);
  const random = createRandom(seed).split('faults');
  const leastInFlight = Math.min(manyInFlight, window);
  const driver = new FaultDriver({ faults, fleet, gateway, random, leastInFlight, signal: ending, log });
  const count = new ChaosCount(expected);
  const start = performance.now();
  let heard = start;
  const progress = slowLines(log);
  const stuck = watch(() => performance.now() - heard > 2000 * timeoutSeconds, over);
  try {
    driver.progress(0);
    for await (const result of gateway.results(ending)) {
      count.add(result);
      driver.progress(count.ended);
      heard = performance.now();
      progress(`${count.ended} of ${requests} requests`);
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
