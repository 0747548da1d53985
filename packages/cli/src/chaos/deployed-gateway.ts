import type { ChaosDocument, DeviceId, Graph } from '@tandem/core';
import { createSha256, type LoadedModel, systemClock, systemClockName, tcp } from '@tandem/node';
import {
  connectGateway,
  deploymentOf,
  type Gateway,
  segmentSources,
  segmentsByDigest,
} from '@tandem/runtime';
import { evenPipeline } from './even-pipeline.ts';

export interface DeployedOptions {
  readonly document: ChaosDocument;
  readonly loaded: Pick<LoadedModel, 'model'>;
  readonly graph: Graph;
  readonly addresses: Readonly<Record<DeviceId, string>>;
  readonly token: string;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** A gateway of a scenario's agents which has given them their stages. */
export async function deployedGateway(options: DeployedOptions): Promise<Gateway> {
  const { addresses, token, signal, log } = options;
  const gateway = await connectGateway({
    transport: tcp(),
    clock: systemClock,
    clockName: systemClockName(),
    token,
    addresses,
    signal,
    log,
  });
  try {
    await deploy(gateway, options);
    return gateway;
  } catch (error) {
    await gateway.close();
    throw error;
  }
}

async function deploy(gateway: Gateway, { document, loaded, graph, signal }: DeployedOptions): Promise<void> {
  const { paceSeconds, timeoutSeconds, window, ordered } = document;
  const { problem, plan } = evenPipeline(graph, document);
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
  await gateway.deploy(deployment, segmentsByDigest(sources), {
    signal,
    window,
    ordered,
    trace: { model: graph.name, planner: plan.planner },
  });
}
