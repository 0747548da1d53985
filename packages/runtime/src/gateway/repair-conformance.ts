import { ConnectionError, type DeviceId, ResourceError, seconds } from '@tandem/core';
import type { Agent } from '../agent/agent.ts';
import { type ConformanceCase, elapse, neverAborted, requireEqual, requireThat } from '../conformance.ts';
import type { NullSegment } from '../execute/null-executor.ts';
import type { Connection, Transport } from '../transport/transport.ts';
import type { StreamResult } from './answer-stream.ts';
import { type Pipeline, type PipelineSetup, type SmallPlan, startSumAgent } from './pipeline-harness.ts';
import { itemsOf, requireAnswer, within } from './stream-cases.ts';

const signal = neverAborted();

/** Every device makes something that another reads, one stage comes back to the first device, and a skip goes past two others. */
const repaired: SmallPlan = {
  inputs: ['x'],
  outputs: ['y', 'g'],
  source: 'a',
  sink: 'd',
  repair: { retain: true },
  stages: [
    { device: 'a', inputs: ['x'], outputs: ['h', 'skip'] },
    { device: 'b', inputs: ['h'], outputs: ['i'] },
    { device: 'c', inputs: ['i'], outputs: ['j', 'g'] },
    { device: 'a', inputs: ['j'], outputs: ['k'] },
    { device: 'd', inputs: ['k', 'skip'], outputs: ['y'] },
  ],
};

const pairsOfVictims = [
  ['a', 'c'],
  ['b', 'd'],
  ['c', 'b'],
];

/** What agents and gateway promise when devices die: every request is answered once and rightly. */
export function repairConformance(setup: PipelineSetup): readonly ConformanceCase[] {
  const plans: Record<string, SmallPlan> = {
    'from what is held': repaired,
    'from the inputs': { ...repaired, repair: { retain: false } },
    coded: { ...repaired, codec: { kind: 'fp16' } },
    'with replicas': {
      ...repaired,
      stages: repaired.stages.map((stage, index) =>
        index === 1 ? { ...stage, replicas: ['c', 'd'] } : stage,
      ),
    },
  };
  const singles = Object.entries(plans).flatMap(([name, plan]) =>
    ['a', 'b', 'c', 'd'].map((victim) => ({
      name: `answers all when ${victim} dies, ${name}`,
      run: () => survives(setup, plan, [victim], 24),
    })),
  );
  const pairs = pairsOfVictims.map((victims) => ({
    name: `answers all when ${victims.join(' and ')} die together`,
    run: () => survives(setup, repaired, victims, 24),
  }));
  const copied = pairsOfVictims.map((victims) => ({
    name: `loses only what ran on ${victims.join(' and ')} when they die together, from copies at the gateway`,
    run: () => survives(setup, { ...repaired, copies: true }, victims, 24),
  }));
  return [
    ...singles,
    ...pairs,
    ...copied,
    { name: 'waits for the only device to come back', run: () => waitsForReturn(setup) },
    { name: 'fails requests when nobody comes back, and says who is left', run: () => failsAlone(setup) },
    { name: 'answers all when two devices lose each other', run: () => survivesCut(setup) },
    { name: 'answers all when a stage never ends', run: () => survivesWedge(setup) },
    { name: 'answers all when a device has no room for what another lost', run: () => survivesFull(setup) },
    { name: 'fails requests when nobody has room, and says so', run: () => failsFull(setup) },
  ];
}

/**
 * Streams requests; after some runs, the victims die together. Where tensors are kept, one death, or with copies any, costs no more than what ran on the
 * device that died: every other stage runs once for each request.
 */
async function survives(
  setup: PipelineSetup,
  plan: SmallPlan,
  victims: readonly DeviceId[],
  count: number,
): Promise<void> {
  let kill = (): void => undefined;
  const runs = new Map<string, number>();
  let total = 0;
  const onRun = async (_device: DeviceId, { outputs }: NullSegment): Promise<void> => {
    const made = outputs.map(({ name }) => name).join();
    runs.set(made, (runs.get(made) ?? 0) + 1);
    if (++total === 30) kill();
    await elapse(1);
  };
  const limits = { cleanUpSeconds: 0.05 };
  await within({ ...setup, onRun, agentLimits: limits }, plan, async ({ gateway, agents }) => {
    kill = () => {
      for (const victim of victims) void agents.get(victim)?.close();
    };
    let repairs = 0;
    let answered = 0;
    for await (const result of gateway.stream(itemsOf(plan, count), { window: 8, signal })) {
      requireEqual(result.index, answered++, 'order of results');
      requireAnswer(plan, result);
      repairs += result.answer?.repairs ?? 0;
    }
    requireEqual(answered, count, 'results');
    requireThat(repairs > 0, 'no request was in flight when the device died');
    for (const { device, replicas = [], outputs } of plan.stages) {
      const isKept = plan.repair?.retain === true && (victims.length === 1 || plan.copies === true);
      if (!isKept || [device, ...replicas].some((own) => victims.includes(own))) continue;
      requireEqual(runs.get(outputs.join()), count, `runs of the stage that makes ${outputs.join()}`);
    }
    const last = await gateway.request(itemsOf(plan, 1)[0]?.inputs ?? [], {
      signal,
      timeoutSeconds: seconds(10),
    });
    requireThat(
      last.stages.every(({ device }) => !victims.includes(device)),
      'a stage ran on a device that is dead',
    );
  });
}

/** Everything on one device. */
const alone: SmallPlan = {
  ...repaired,
  source: 'a',
  sink: 'a',
  stages: repaired.stages.map((stage) => ({ ...stage, device: 'a' })),
};

/** Streams requests; once, in the middle, something happens. */
async function streamed(
  setup: PipelineSetup,
  plan: SmallPlan,
  event: (pipeline: Pipeline) => Promise<void> | void,
  onRun: PipelineSetup['onRun'] = () => elapse(1),
): Promise<StreamResult[]> {
  let total = 0;
  let happen: () => Promise<void> | void = () => undefined;
  const started = async (device: DeviceId, segment: NullSegment): Promise<void> => {
    if (++total === 30) await happen();
    await onRun(device, segment);
  };
  const results: StreamResult[] = [];
  await within({ ...setup, onRun: started }, plan, async (pipeline) => {
    happen = () => event(pipeline);
    for await (const result of pipeline.gateway.stream(itemsOf(plan, 24), { window: 8, signal }))
      results.push(result);
  });
  return results;
}

async function waitsForReturn(setup: PipelineSetup): Promise<void> {
  const quick = { ...setup, agentLimits: { cleanUpSeconds: 0.05 } };
  let next: Agent | null = null;
  const results = await streamed(quick, alone, async ({ agents, gateway }) => {
    void agents.get('a')?.close();
    next = await startSumAgent({ ...quick, onRun: () => elapse(1) }, 'a');
    gateway.readdress('a', next.address);
  });
  await (next as Agent | null)?.close();
  requireEqual(results.length, 24, 'results');
  for (const result of results) requireAnswer(alone, result);
}

async function failsAlone(setup: PipelineSetup): Promise<void> {
  const limits = { agentLimits: { cleanUpSeconds: 0.05 }, gatewayLimits: { returnSeconds: 0.2 } };
  const results = await streamed(
    { ...setup, ...limits },
    alone,
    ({ agents }) => void agents.get('a')?.close(),
  );
  const failures = results.flatMap(({ error }) => error ?? []);
  requireThat(failures.length > 0, 'no request failed');
  for (const { message } of failures)
    requireThat(message.includes('no device that is left can run the plan'), message);
  for (const result of results) if (result.error === null) requireAnswer(alone, result);
}

/** A tensor is lost on its way to c, with the connection that carried it. */
async function survivesCut(setup: PipelineSetup): Promise<void> {
  const dials: string[] = [];
  let cut = '';
  const transport: Transport = {
    ...setup.transport,
    dial: async (address, options) => {
      const connection = await setup.transport.dial(address, options);
      dials.push(address);
      // The first to dial each agent is the gateway.
      if (dials.indexOf(address) === dials.length - 1) return connection;
      const send: Connection['send'] = async (frame, own) => {
        if (cut !== address) return await connection.send(frame, own);
        cut = '';
        connection.abort();
        throw new ConnectionError('the cable was cut', 'Join it.');
      };
      return passingOn(connection, send);
    },
  };
  const results = await streamed({ ...setup, transport }, repaired, ({ agents }) => {
    cut = agents.get('c')?.address ?? '';
  });
  requireEqual(results.length, 24, 'results');
  for (const result of results) requireAnswer(repaired, result);
  const moved = results.filter(({ answer }) => (answer?.repairs ?? 0) > 0);
  requireThat(moved.length > 0, 'no request was moved');
}

const passingOn = (connection: Connection, send: Connection['send']): Connection => ({
  peer: connection.peer,
  send,
  receive: (signal) => connection.receive(signal),
  allow: (limits) => connection.allow(limits),
  close: () => connection.close(),
  abort: () => connection.abort(),
});

async function survivesWedge(setup: PipelineSetup): Promise<void> {
  let runs = 0;
  const onRun = async (device: DeviceId): Promise<void> => {
    if (device === 'b' && ++runs === 10) await new Promise(() => undefined);
    await elapse(1);
  };
  const quick = { ...setup, agentLimits: { cleanUpSeconds: 0.05 } };
  const results = await streamed(quick, repaired, () => undefined, onRun);
  requireEqual(results.length, 24, 'results');
  for (const result of results) requireAnswer(repaired, result);
}

/** Streams requests; b dies while some devices' disks are full. Gives who refused what b had. */
async function withFullDisks(
  setup: PipelineSetup,
  full: readonly DeviceId[],
): Promise<{ readonly results: readonly StreamResult[]; readonly refused: ReadonlySet<DeviceId> }> {
  const refused = new Set<DeviceId>();
  let isFull = false;
  const onStore = (device: DeviceId): void => {
    if (!isFull || !full.includes(device)) return;
    refused.add(device);
    throw new ResourceError('there is no room on the disk', 'Make room.');
  };
  const quick = { ...setup, onStore, agentLimits: { cleanUpSeconds: 0.05 } };
  const results = await streamed(quick, repaired, ({ agents }) => {
    isFull = true;
    void agents.get('b')?.close();
  });
  return { results, refused };
}

async function survivesFull(setup: PipelineSetup): Promise<void> {
  const { results, refused } = await withFullDisks(setup, ['c', 'd']);
  requireEqual(results.length, 24, 'results');
  for (const result of results) requireAnswer(repaired, result);
  requireThat(refused.size > 0, 'no device was asked that has no room');
}

async function failsFull(setup: PipelineSetup): Promise<void> {
  const { results } = await withFullDisks(setup, ['a', 'c', 'd']);
  const failures = results.flatMap(({ error }) => error ?? []);
  requireEqual(results.length, 24, 'results');
  requireThat(failures.length > 0, 'no request failed');
  for (const { message } of failures) requireThat(message.includes('there is no room on the disk'), message);
}
