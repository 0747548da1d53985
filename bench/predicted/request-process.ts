import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRandom, type Graph, graphOf, readProfile } from '@tandem/core';
import { createSha256, folderStore, loadModel, systemClock, tcp } from '@tandem/node';
import {
  connectGateway,
  deploymentOf,
  type Gateway,
  segmentSources,
  segmentsByDigest,
  type TensorValue,
} from '@tandem/runtime';
import { keepSegments } from '../models/keep-segments.ts';
import { randomInputs } from '../models/random-inputs.ts';
import type { CutLine, RequestLine, RequestOptions } from './lines.ts';
import { type PricedPlan, plansWorthMeasuring, weakPairProblem } from './weak-pair.ts';

/**
 * Runs in a host of its own, joined to both others by links that are not shaped: deploys every plan worth measuring, then asks under
 * each in turn, every round in another order. Prints a CutLine a plan, then a RequestLine a request.
 */
async function measure(options: RequestOptions): Promise<void> {
  const signal = AbortSignal.timeout(options.timeoutSeconds * 1000);
  const loaded = await loadModel(options.model);
  const graph = graphOf(loaded.model, { batch: 1, modelDigest: await loaded.digest() });
  const file = readProfile(await readFile(options.profile, 'utf8'));
  const problem = weakPairProblem(graph, file, options.link);
  const priced = plansWorthMeasuring(problem);
  for (const each of priced) print(cutLineOf(graph, each));
  const store = folderStore(options.store);
  const gateway = await connectGateway({
    transport: tcp(),
    clock: systemClock,
    token: readFileSync(options.tokenFile, 'utf8').trim(),
    addresses: options.addresses,
    signal,
  });
  for (const { plan, report } of priced) {
    const sources = segmentSources({ model: loaded.model, graph, plan, createSha256 });
    await keepSegments(store, sources, signal);
    const paceSeconds = report.stages.map(({ computeSeconds }) => computeSeconds);
    const segments = sources.map(({ manifest }) => manifest);
    const deployment = deploymentOf({ problem, plan, segments, paceSeconds, paceLinks: false });
    const bySegment = segmentsByDigest(sources);
    await gateway.deploy(deployment, bySegment, { signal });
  }
  await askInTurn(gateway, priced, randomInputs(graph, createRandom(1)), options, signal);
  await gateway.close();
  await loaded.close();
}

const cutLineOf = (graph: Graph, { plan, report }: PricedPlan): CutLine => ({
  kind: 'cut',
  cut: plan.version,
  tensor: plan.transfers.map(({ tensor }) => graph.tensors[tensor]?.name ?? '').join(' + '),
  bytes: report.bytesSent,
  headSeconds: report.stages[0]?.computeSeconds ?? 0,
  transferSeconds: report.transfers.reduce((sum, each) => sum + each.endSeconds - each.startSeconds, 0),
  tailSeconds: report.stages[1]?.computeSeconds ?? 0,
  latencySeconds: report.latencySeconds,
});

/** Round 0 does not count. Goes on until the budget is spent, but for the fewest rounds at least. */
async function askInTurn(
  gateway: Gateway,
  priced: readonly PricedPlan[],
  inputs: readonly TensorValue[],
  { budgetSeconds, fewestRounds }: RequestOptions,
  signal: AbortSignal,
): Promise<void> {
  const start = systemClock.now();
  for (let round = 0; round <= fewestRounds || systemClock.now() - start < budgetSeconds; round++) {
    for (const { plan } of shuffled(priced, round)) {
      // One that does not count: the other plans' weights have pushed this plan's out of the processor's caches.
      await gateway.request(inputs, { version: plan.version, signal });
      const answer = await gateway.request(inputs, { version: plan.version, signal });
      const [head, tail] = answer.stages;
      const transfers = answer.transfers.map((transfer) => transfer.seconds ?? Number.NaN);
      if (round === 0) continue;
      print({
        kind: 'request',
        round,
        cut: plan.version,
        headSeconds: head?.computeSeconds ?? Number.NaN,
        pacedSeconds: head?.busySeconds ?? Number.NaN,
        transferSeconds: transfers.reduce((sum, each) => sum + each, 0),
        tailSeconds: tail?.computeSeconds ?? Number.NaN,
        tailBusySeconds: tail?.busySeconds ?? Number.NaN,
        latencySeconds: answer.seconds,
      });
    }
  }
}

function shuffled<Value>(values: readonly Value[], seed: number): Value[] {
  const random = createRandom(seed);
  return values
    .map((value) => ({ value, rank: random.next() }))
    .sort((left, right) => left.rank - right.rank)
    .map(({ value }) => value);
}

function print(line: CutLine | RequestLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

await measure(JSON.parse(process.argv[2] ?? '') as RequestOptions);
