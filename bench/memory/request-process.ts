import { readFileSync } from 'node:fs';
import { createRandom } from '@tandem/core';
import { createSha256, systemClock, tcp } from '@tandem/node';
import { connectGateway, deploymentOf, segmentSources, segmentsByDigest } from '@tandem/runtime';
import { randomInputs } from '../models/random-inputs.ts';
import { headAndTail } from './head-and-tail.ts';
import type { MemoryRun } from './lines.ts';

/** Deploys a plan of two stages to two agents and asks it a few times, whatever it is said to need. Prints an answered line. */
async function run(options: MemoryRun): Promise<void> {
  const signal = AbortSignal.timeout(options.timeoutSeconds * 1000);
  const { model, problem, plan } = headAndTail(options.network, options.headShare);
  const sources = segmentSources({ model, graph: problem.graph, plan, createSha256 });
  const segments = sources.map(({ manifest }) => manifest);
  const deployment = deploymentOf({ problem, plan, segments });
  const gateway = await connectGateway({
    transport: tcp(),
    clock: systemClock,
    token: readFileSync(options.tokenFile, 'utf8').trim(),
    addresses: options.addresses,
    signal,
  });
  try {
    const bySegment = segmentsByDigest(sources);
    await gateway.deploy(deployment, bySegment, { signal });
    const inputs = randomInputs(problem.graph, createRandom(1));
    for (let request = 0; request < options.requests; request++) await gateway.request(inputs, { signal });
    console.log(JSON.stringify({ answered: options.requests }));
  } finally {
    await gateway.close();
  }
}

await run(JSON.parse(process.argv[2] ?? '') as MemoryRun);
