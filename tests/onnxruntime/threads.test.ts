import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
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
import {
  type AgentProcess,
  allowedCores,
  createSha256,
  generatedInputs,
  modelCards,
  ortExecutor,
  startAgentProcess,
  systemClock,
  tcp,
} from '@tandem/node';
import {
  compareOutputs,
  connectGateway,
  deploymentOf,
  memoryStore,
  runInSequence,
  type SegmentSource,
  type StoredSegment,
  segmentSources,
  segmentsByDigest,
  type TensorValue,
} from '@tandem/runtime';
import { afterEach, describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url));
const token = 'a secret of this test';
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

const inputs = (): TensorValue[] =>
  generatedInputs({
    inputs: graph.inputs.flatMap((id) => graph.tensors[id] ?? []),
    card: modelCards['imagenet-torchvision'],
    seed: 3,
  });

/** The answer of two agents, and the processors of the tasks of the first stage's while they are deployed. */
async function served(
  plan: ReturnType<typeof planOf>,
): Promise<{ readonly outputs: readonly TensorValue[]; readonly processors: readonly string[] }> {
  const command = [process.execPath, main, 'agent', '--parent', '--listen', '127.0.0.1:0'] as const;
  for (const device of ['pi', 'server'])
    agents.push(await startAgentProcess({ command, device, token, signal }));
  const addresses = Object.fromEntries(agents.map(({ device, address }) => [device, address]));
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
    const { outputs } = await gateway.request(inputs(), { signal });
    const pid = gateway.agents.find(({ device }) => device === 'pi')?.pid ?? 0;
    return { outputs, processors: await affinities(pid) };
  } finally {
    await gateway.close();
  }
}

async function inOneProcess(sources: readonly SegmentSource[]): Promise<readonly TensorValue[]> {
  const executor = ortExecutor();
  const store = memoryStore(createSha256);
  const stored = async (source: SegmentSource): Promise<StoredSegment> => {
    const receiver = await store.receive(source.manifest, signal);
    for (const { name } of source.manifest.parts)
      for await (const chunk of source.chunks(name)) await receiver.write(name, chunk);
    return receiver.finish();
  };
  try {
    const loaded = [];
    for (const source of sources) loaded.push(await executor.load(await stored(source), { signal }));
    const outputs = graph.outputs.map((id) => graph.tensors[id]?.name ?? '');
    return await runInSequence(loaded, inputs(), outputs, signal);
  } finally {
    await executor.close();
    await store.close();
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
    expect(compareOutputs(await inOneProcess(segmentsOf(plan)), outputs)).toMatchObject({ sameTop1: true });
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
