import {
  createRandom,
  exampleCluster,
  type Graph,
  graphOf,
  type NodeId,
  planOf,
  problemDigest,
  problemOf,
  randomCut,
  type Stage,
  singleTensorCuts,
  type ZooName,
  zooModel,
} from '@tandem/core';
import { type AgentProcess, createSha256, systemClock, tcp } from '@tandem/node';
import {
  compareOutputs,
  connectGateway,
  deploymentOf,
  type SegmentSource,
  segmentSources,
  segmentsByDigest,
  type TensorValue,
} from '@tandem/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addressesOf, startLocalAgents, token } from '../local-agent.ts';
import { inOneProcess, pictures } from './in-one-process.ts';

const devices = ['pi', 'server'] as const;
const signal = AbortSignal.timeout(60_000);

let agents: AgentProcess[] = [];
beforeEach(async () => {
  agents = await startLocalAgents(devices, signal);
});
afterEach(async () => {
  await Promise.all(agents.map((agent) => agent.stop()));
});

const without = (graph: Graph, ...taken: readonly (readonly NodeId[])[]): NodeId[] => {
  const gone = new Set(taken.flat());
  return graph.nodes.map(({ id }) => id).filter((id) => !gone.has(id));
};

/** Two stages at a cut of several tensors. */
function severalTensors(graph: Graph): Stage[] {
  const before = randomCut(graph, createRandom(5), { minimumTensors: 2 })?.nodes ?? [];
  return [
    { device: 'pi', nodes: before },
    { device: 'server', nodes: without(graph, before) },
  ];
}

/** There and back again: the first device gets the end, too. */
function revisited(graph: Graph): Stage[] {
  const cuts = singleTensorCuts(graph);
  const first = cuts[Math.floor(cuts.length / 3)]?.nodes ?? [];
  const second = without(graph, first, without(graph, cuts[Math.floor((2 * cuts.length) / 3)]?.nodes ?? []));
  return [
    { device: 'pi', nodes: first },
    { device: 'server', nodes: second },
    { device: 'pi', nodes: without(graph, first, second) },
  ];
}

const cases: readonly [string, ZooName, number, (graph: Graph) => Stage[]][] = [
  ['several boundary tensors', 'cifar-resnet-8', 32, severalTensors],
  ['a device visited twice', 'cifar-resnet-8', 32, revisited],
  ['several boundary tensors', 'mobilenet-v2', 96, severalTensors],
  ['a device visited twice', 'mobilenet-v2', 96, revisited],
];

describe('two processes against the same segments one after the other', () => {
  it.each(cases)('%s: %s at %i, bit for bit', async (_, name, resolution, stagesOf) => {
    const model = zooModel(name, { resolution });
    const graph = graphOf(model, { batch: 1 });
    const problem = problemOf(graph, exampleCluster());
    const plan = planOf(problem, problemDigest(problem, createSha256), stagesOf(graph), 'by hand');
    const sources = segmentSources({ model, graph, plan, createSha256 });
    const inputs = pictures(graph, 3);
    const together = await inOneProcess(sources, inputs, graph, signal);
    const apart = await inTwoProcesses(sources, inputs, problem, plan);
    expect(compareOutputs(together, apart)).toMatchObject({ identical: true, maxAbsoluteDifference: 0 });
  });
});

async function inTwoProcesses(
  sources: readonly SegmentSource[],
  inputs: readonly TensorValue[],
  problem: Parameters<typeof deploymentOf>[0]['problem'],
  plan: Parameters<typeof deploymentOf>[0]['plan'],
): Promise<readonly TensorValue[]> {
  const addresses = addressesOf(agents);
  const gateway = await connectGateway({ transport: tcp(), clock: systemClock, token, addresses, signal });
  try {
    const segments = sources.map(({ manifest }) => manifest);
    const deployment = deploymentOf({ problem, plan, segments, paceLinks: false });
    const bySource = segmentsByDigest(sources);
    await gateway.deploy(deployment, bySource, { signal });
    return (await gateway.request(inputs, { signal })).outputs;
  } finally {
    await gateway.close();
  }
}
