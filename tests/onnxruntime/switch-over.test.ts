import {
  bytes,
  exampleCluster,
  graphOf,
  type Plan,
  type Problem,
  planOf,
  problemDigest,
  problemOf,
  seconds,
  singleTensorCuts,
  zooModel,
} from '@tandem/core';
import { type AgentProcess, createSha256, systemClock, tcp } from '@tandem/node';
import {
  compareOutputs,
  connectGateway,
  deploymentOf,
  type Gateway,
  type StreamItem,
  segmentSources,
  segmentsByDigest,
  switchOver,
  type TensorValue,
} from '@tandem/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addressesOf, startLocalAgents, token } from '../local-agent.ts';
import { pictures } from './in-one-process.ts';

const signal = AbortSignal.timeout(120_000);
const model = zooModel('cifar-resnet-8', { resolution: 32 });
const graph = graphOf(model, { batch: 1 });
const problem = problemOf(graph, exampleCluster());
const digest = problemDigest(problem, createSha256);
const switches = 5;
const inputsInTurn = 5;

/** As many cuts as there are versions, each somewhere else. */
function planOfVersion(version: number): Plan {
  const cuts = singleTensorCuts(graph);
  const first = new Set(cuts[Math.floor((version * cuts.length) / (switches + 2))]?.nodes ?? []);
  const all = graph.nodes.map(({ id }) => id);
  const stages = [
    { device: 'pi', nodes: all.filter((id) => first.has(id)) },
    { device: 'server', nodes: all.filter((id) => !first.has(id)) },
  ];
  return { ...planOf(problem, digest, stages, 'by hand'), version };
}

function cargo(plan: Plan) {
  const sources = segmentSources({ model, graph, plan, createSha256 });
  const segments = sources.map(({ manifest }) => manifest);
  const deployment = deploymentOf({ problem, plan, segments, paceLinks: false, optimisation: 'basic' });
  return {
    deployment,
    segments: segmentsByDigest(sources),
  };
}

const inputs = Array.from({ length: inputsInTurn }, (_, seed) => pictures(graph, seed));

let agents: AgentProcess[] = [];
beforeEach(async () => {
  agents = await startLocalAgents(['pi', 'server'], signal);
});
afterEach(async () => {
  await Promise.all(agents.map((agent) => agent.stop()));
});

async function switchTo(gateway: Gateway, version: number): Promise<void> {
  const [before, after] = [planOfVersion(version - 1), planOfVersion(version)];
  const { deployment, segments } = cargo(after);
  await switchOver(gateway, deployment, segments, {
    problem,
    before,
    after,
    signal,
    window: 8,
    ordered: true,
  });
}

async function expectedOf(gateway: Gateway): Promise<(readonly TensorValue[])[]> {
  const expected: (readonly TensorValue[])[] = [];
  for (const input of inputs) expected.push((await gateway.request(input, { signal })).outputs);
  return expected;
}

describe('switchOver', () => {
  it('moves a stream from plan to plan, and none is lost, late or wrong', async () => {
    const addresses = addressesOf(agents);
    const gateway = await connectGateway({ transport: tcp(), clock: systemClock, token, addresses, signal });
    try {
      const { deployment, segments } = cargo(planOfVersion(1));
      await gateway.deploy(deployment, segments, { signal, window: 8, ordered: true });
      const expected = await expectedOf(gateway);
      let isOver = false;
      function* items(): Generator<StreamItem> {
        for (let index = 0; !isOver; index++)
          yield { inputs: inputs[index % inputsInTurn] ?? [], timeoutSeconds: seconds(60) };
      }
      const switching = (async () => {
        for (let version = 2; version <= switches + 1; version++) await switchTo(gateway, version);
        isOver = true;
      })();
      let answered = 0;
      for await (const { index, answer, error } of gateway.stream(items(), { window: 8, signal })) {
        expect(error).toBeNull();
        expect(index).toBe(answered++);
        expect(compareOutputs(expected[index % inputsInTurn] ?? [], answer?.outputs ?? [])).toMatchObject({
          identical: true,
        });
      }
      await switching;
      expect(answered).toBeGreaterThan(switches);
    } finally {
      await gateway.close();
    }
  }, 120_000);

  it('refuses before anything is sent what does not fit beside what answers', async () => {
    const { cluster } = problem;
    const devices = cluster.devices.map((device) => ({ ...device, memoryBytes: bytes(1000) }));
    const tight: Problem = { ...problem, cluster: { ...cluster, devices } };
    const [before, after] = [planOfVersion(1), planOfVersion(2)];
    const { deployment, segments } = cargo(after);
    const asked: string[] = [];
    const gateway = {
      deploy: async () => {
        asked.push('deploy');
        return [];
      },
      withdraw: async () => {
        asked.push('withdraw');
      },
    };
    const options = { problem: tight, before, after, signal };
    await expect(switchOver(gateway, deployment, segments, options)).rejects.toThrow(
      /device pi needs \d+ bytes to hold version 2 beside version 1, and has 1000/,
    );
    expect(asked).toEqual([]);
  });
});
