import { readdir, readFile } from 'node:fs/promises';
import {
  evaluate,
  exampleCluster,
  graphOf,
  planOf,
  problemDigest,
  problemOf,
  type Stage,
  singleTensorCuts,
  validatePlan,
  zooModel,
} from '@tandem/core';
import { type AgentProcess, allowedCores, createSha256, systemClock, tcp } from '@tandem/node';
import {
  compareOutputs,
  connectGateway,
  deploymentOf,
  type SegmentSource,
  segmentSources,
  segmentsByDigest,
  type TensorValue,
} from '@tandem/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { addressesOf, startLocalAgents, token } from '../local-agent.ts';
import { inOneProcess, pictures } from './in-one-process.ts';

const signal = AbortSignal.timeout(60_000);
const cores = allowedCores();

const agents: AgentProcess[] = [];
afterEach(async () => {
  await Promise.all(agents.splice(0).map((agent) => agent.stop()));
});

const model = zooModel('cifar-resnet-8', {});
const graph = graphOf(model, { batch: 1 });
const cluster = exampleCluster();
const problem = problemOf(graph, {
  ...cluster,
  devices: cluster.devices.map((device) => ({ ...device, threads: 2, emulated: false })),
});

/** By task of the process, the processors that it may use. */
async function affinities(pid: number): Promise<readonly string[]> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const texts = await Promise.all(tasks.map((task) => readFile(`/proc/${pid}/task/${task}/status`, 'utf8')));
  return texts.map((text) => /^Cpus_allowed_list:\s*(\S+)$/m.exec(text)?.[1] ?? '');
}

function planWith(front: Partial<Stage>): ReturnType<typeof planOf> {
  const cuts = singleTensorCuts(graph);
  const before = new Set(cuts[Math.floor(cuts.length / 2)]?.nodes);
  const nodes = graph.nodes.map(({ id }) => id);
  const stages = [
    { device: 'pi', nodes: nodes.filter((id) => before.has(id)), ...front },
    { device: 'server', nodes: nodes.filter((id) => !before.has(id)) },
  ];
  return planOf(problem, problemDigest(problem, createSha256), stages, 'by hand');
}

const segmentsOf = (plan: ReturnType<typeof planOf>): SegmentSource[] =>
  segmentSources({ model, graph, plan, createSha256 });

const inputs = pictures(graph, 3);

/** The answer of two agents, and the processors of the tasks of the first stage's while they are deployed. */
async function served(
  plan: ReturnType<typeof planOf>,
): Promise<{ readonly outputs: readonly TensorValue[]; readonly processors: readonly string[] }> {
  agents.push(...(await startLocalAgents(['pi', 'server'], signal)));
  const addresses = addressesOf(agents);
  const gateway = await connectGateway({ transport: tcp(), clock: systemClock, token, addresses, signal });
  try {
    const sources = segmentsOf(plan);
    const deployment = deploymentOf({
      problem,
      plan,
      segments: sources.map(({ manifest }) => manifest),
      paceLinks: false,
    });
    await gateway.deploy(deployment, segmentsByDigest(sources), {
      signal,
    });
    const { outputs } = await gateway.request(inputs, { signal });
    const pid = gateway.agents.find(({ device }) => device === 'pi')?.pid ?? 0;
    return { outputs, processors: await affinities(pid) };
  } finally {
    await gateway.close();
  }
}

describe.skipIf(cores === null)('agents whose plan says threads and processors', () => {
  const last = cores?.at(-1) ?? 0;

  it.each([1, 2])('run a stage with %i threads, all of them held to its processor', async (threads) => {
    const plan = planWith({ threads, cpus: [last] });
    expect(validatePlan(problem, plan)).toEqual([]);
    const { outputs, processors } = await served(plan);
    // On a machine of one processor every task is held to it.
    const held = processors.filter((list) => list === String(last));
    expect(held).toHaveLength(cores?.length === 1 ? processors.length : threads);
    expect(
      compareOutputs(await inOneProcess(segmentsOf(plan), inputs, graph, signal), outputs),
    ).toMatchObject({ sameTop1: true });
  });

  it('hold no thread where the plan says nothing', async () => {
    const { processors } = await served(planWith({}));
    if (cores?.length !== 1) expect(processors).not.toContain(String(last));
  });

  it('say that they cannot be held to a processor that the machine has not', async () => {
    await expect(served(planWith({ cpus: [1023] }))).rejects.toThrow('cannot be held to the processors 1023');
  });

  it('are priced by what the threads take', () => {
    const [fewer, all] = [planWith({ threads: 1 }), planWith({})].map((plan) => evaluate(problem, plan));
    expect(fewer?.stages[0]?.computeSeconds).toBeGreaterThan(all?.stages[0]?.computeSeconds ?? 0);
    expect(fewer?.stages[1]?.computeSeconds).toBe(all?.stages[1]?.computeSeconds);
  });
});
