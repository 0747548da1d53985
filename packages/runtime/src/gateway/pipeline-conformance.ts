import { CancelledError, type ErrorRecord, seconds } from '@tandem/core';
import {
  type ConformanceCase,
  neverAborted,
  requireEqual,
  requireRejection,
  requireThat,
} from '../conformance.ts';
import type { TensorValue } from '../execute/executor.ts';
import { segmentsByDigest } from '../segment/segment-sources.ts';
import type { Connection, Transport } from '../transport/transport.ts';
import { connectGateway } from './gateway.ts';
import {
  expectedOutputs,
  joinAgents,
  ownClock,
  type Pipeline,
  type PipelineSetup,
  planInputs,
  type SmallPlan,
  segmentsOf,
  smallDeployment,
} from './pipeline-harness.ts';
import { ends, smallPlans } from './small-plans.ts';
import { held, signalled, within } from './stream-cases.ts';

const signal = neverAborted();

/** What agents and gateway promise together, over any transport. */
export function pipelineConformance(setup: PipelineSetup): readonly ConformanceCase[] {
  const answers = Object.entries(smallPlans).map(([name, plan]) => ({
    name: `answers, ${name}`,
    run: () => within(setup, plan, (pipeline) => answersOnce(pipeline, plan)),
  }));
  const onChain = (name: string, body: (pipeline: Pipeline) => Promise<void>): ConformanceCase => ({
    name,
    run: () => within(setup, chain, body),
  });
  return [
    ...answers,
    { name: 'sends coded tensors in fewer bytes', run: () => sendsCoded(setup) },
    { name: 'sends raw what the codec cannot hold, and says so', run: () => sendsRawInstead(setup) },
    onChain('keeps requests that overlap apart', keepsRequestsApart),
    onChain('refuses inputs that the plan does not have', refusesInputs),
    onChain('answers under a second plan beside the first, then without it', (pipeline) =>
      swapsPlans(setup, pipeline),
    ),
    onChain('refuses a second gateway with the reason', (pipeline) => refusesSecondGateway(setup, pipeline)),
    onChain('is free for the next gateway once the first has left', (pipeline) =>
      freesAgents(setup, pipeline),
    ),
    { name: 'says nothing when everybody leaves in order', run: () => leavesQuietly(setup) },
    onChain('answers pings', async ({ gateway }) => {
      requireThat((await gateway.ping('b', signal)) >= 0, 'a round trip takes no negative time');
    }),
    { name: 'refuses a wrong token', run: () => refusesToken(setup) },
    { name: 'redials a link between agents that broke', run: () => redials(setup) },
    { name: 'refuses a segment that arrives damaged, then takes it whole', run: () => refusesDamage(setup) },
    { name: 'deploys everywhere or nowhere', run: () => deploysAllOrNone(setup) },
    { name: 'fails a request whose stage fails, then answers', run: () => survivesFailure(setup) },
    { name: 'fails a request when its agent closes', run: () => noticesDeath(setup) },
    { name: 'ends a request that is cancelled, then answers', run: () => cancels(setup) },
    { name: 'is known to be closed by those whose requests fail of it', run: () => tellsItsEnd(setup) },
  ];
}

const chain: SmallPlan = smallPlans['a to b and back to a'] ?? { ...ends, stages: [] };

/** Small whole numbers, which fp16 holds exactly. */
const coded: SmallPlan = { ...chain, codec: { kind: 'fp16' }, elements: 1000 };

async function sendsCoded(setup: PipelineSetup): Promise<void> {
  await within(setup, coded, async (pipeline) => {
    await answersOnce(pipeline, coded);
    const { transfers } = await pipeline.gateway.request(planInputs(coded, 1), { signal });
    requireEqual(
      transfers.map(({ bytes, codec, rawBecause }) => ({ bytes, codec, rawBecause })),
      transfers.map(() => ({ bytes: 2008, codec: { kind: 'fp16' }, rawBecause: null })),
      'transfers',
    );
  });
}

async function sendsRawInstead(setup: PipelineSetup): Promise<void> {
  await within(setup, coded, async (pipeline) => {
    const data = new Uint8Array(new Float32Array(1000).fill(Number.NaN).buffer);
    const inputs = planInputs(coded, 1).map((input) => ({ ...input, data }));
    const { outputs, transfers } = await pipeline.gateway.request(inputs, { signal });
    requireEqual(digestible(outputs), digestible(expectedOutputs(coded, inputs)), 'outputs');
    requireThat(transfers.length > 0, 'tensors cross');
    for (const { bytes, codec, rawBecause } of transfers) {
      const expected = { bytes: 4000, codec: { kind: 'raw' }, rawBecause: 'not finite' };
      requireEqual({ bytes, codec, rawBecause }, expected, 'transfer');
    }
  });
}

async function answersOnce({ gateway, deployment }: Pipeline, plan: SmallPlan, seed = 1): Promise<void> {
  const inputs = planInputs(plan, seed);
  const expected = expectedOutputs(plan, inputs);
  const { outputs, stages, transfers } = await gateway.request(inputs, { signal });
  requireEqual(digestible(outputs), digestible(expected), 'outputs');
  const ran = stages.map(({ stage, device }) => ({ stage, device }));
  requireEqual(
    ran,
    plan.stages.map(({ device }, stage) => ({ stage, device })),
    'stages',
  );
  requireEqual(
    transfers.map(({ tensor, from, to, seconds }) => ({ tensor, from, to, isTimed: seconds !== null })),
    deployment.routes.flatMap(({ tensor, from, to }) =>
      from === null || to === null
        ? []
        : [{ tensor, from, to, isTimed: !ownClock.has(from) && !ownClock.has(to) }],
    ),
    'transfers, timed where both agents read the same clock',
  );
}

const digestible = (tensors: readonly TensorValue[]): unknown =>
  tensors.map(({ name, type, shape, data }) => ({
    name,
    type,
    shape,
    length: data.length,
    sum: data.reduce((total, value, at) => (total * 31 + value + at) % 65_521, 0),
  }));

async function keepsRequestsApart(pipeline: Pipeline): Promise<void> {
  const seeds = Array.from({ length: 20 }, (_, seed) => seed);
  await Promise.all(seeds.map((seed) => answersOnce(pipeline, chain, seed)));
}

async function refusesInputs({ gateway }: Pipeline): Promise<void> {
  const [input] = planInputs(chain, 1);
  requireThat(input !== undefined, 'the plan has an input');
  const wrong: readonly TensorValue[][] = [
    [],
    [{ ...(input as TensorValue), name: 'other' }],
    [{ ...(input as TensorValue), shape: [2, 2] }],
    [{ ...(input as TensorValue), data: new Uint8Array(3) }],
  ];
  for (const inputs of wrong)
    await requireRejection(gateway.request(inputs, { signal }), ['InvalidInputError']);
}

async function swapsPlans(setup: PipelineSetup, first: Pipeline): Promise<void> {
  const plan: SmallPlan = { ...chain, version: 2 };
  const sources = segmentsOf(plan, setup.createSha256);
  const deployment = smallDeployment(plan, sources);
  const old = answersOnce(first, chain, 3);
  await first.gateway.deploy(deployment, segmentsByDigest(sources), { signal });
  await answersOnce(first, plan, 4);
  await first.gateway.withdraw(1, signal);
  await old;
  await answersOnce(first, plan, 5);
}

async function refusesSecondGateway(setup: PipelineSetup, { agents, gateway }: Pipeline): Promise<void> {
  const error = await requireRejection(joinAgents(setup, agents), ['RefusedError']);
  requireThat((error as ErrorRecord).message.includes('another gateway'), 'the refusal says why');
  requireThat((await gateway.ping('a', signal)) >= 0, 'the first gateway is still served');
}

async function freesAgents(setup: PipelineSetup, { agents, gateway }: Pipeline): Promise<void> {
  await gateway.close();
  const next = await joinAgents(setup, agents);
  requireEqual(
    next.agents.map(({ device }) => device).sort(),
    [...agents.keys()].sort(),
    'agents of the next gateway',
  );
  await next.close();
}

/** Connections that end because the gateway has left are nothing to complain of. */
async function leavesQuietly(setup: PipelineSetup): Promise<void> {
  const said: string[] = [];
  const log = (line: string): void => void said.push(line);
  await within({ ...setup, log }, chain, async (pipeline) => {
    await answersOnce(pipeline, chain);
    await pipeline.gateway.close();
    // Sessions end one after the other; in a new one nothing of the old one is left.
    await freesAgents(setup, pipeline);
  });
  requireEqual(said, [], 'lines of the agents');
}

async function refusesToken(setup: PipelineSetup): Promise<void> {
  await within(setup, chain, async ({ agents, gateway }) => {
    await gateway.close();
    const { transport, clock } = setup;
    const addresses = { a: agents.get('a')?.address ?? '' };
    const options = { transport, clock, addresses, signal, token: 'a guess' };
    const error = await requireRejection(connectGateway(options), ['RefusedError']);
    requireThat((error as ErrorRecord).message.includes('device a'), 'the refusal names the device');
  });
}

/** The link from a to b breaks while b works for the request. */
async function redials(setup: PipelineSetup): Promise<void> {
  const dialled: { readonly address: string; readonly connection: Connection }[] = [];
  const transport: Transport = {
    ...setup.transport,
    dial: async (address, options) => {
      const connection = await setup.transport.dial(address, options);
      dialled.push({ address, connection });
      return connection;
    },
  };
  let breaks = 1;
  let agentOfB = '';
  const onRun = (device: string): void => {
    if (device !== 'b' || breaks-- <= 0) return;
    const [, ...fromAgents] = dialled.filter(({ address }) => address === agentOfB);
    for (const { connection } of fromAgents) connection.abort();
  };
  await within({ ...setup, transport, onRun }, chain, async (pipeline) => {
    agentOfB = pipeline.agents.get('b')?.address ?? '';
    const request = pipeline.gateway.request(planInputs(chain, 1), { signal });
    const error = (await requireRejection(request, ['ConnectionError'])) as ErrorRecord;
    requireThat(/device [ab]/.test(error.message), `the failure names a device: ${error.message}`);
    await answersOnce(pipeline, chain, 2);
  });
}

async function refusesDamage(setup: PipelineSetup): Promise<void> {
  const plan: SmallPlan = { ...chain, version: 2, elements: 5 };
  const sources = segmentsOf(plan, setup.createSha256);
  const deployment = smallDeployment(plan, sources);
  const damaged = sources.map((source) => ({
    manifest: source.manifest,
    chunks: (part: string): Uint8Array[] => [...(source.chunks(part) as Uint8Array[])].reverse(),
  }));
  await within(setup, chain, async (pipeline) => {
    const { gateway } = pipeline;
    const error = await requireRejection(gateway.deploy(deployment, segmentsByDigest(damaged), { signal }), [
      'ProtocolError',
    ]);
    requireThat(/device [ab]/.test((error as ErrorRecord).message), 'the refusal names the device');
    await answersOnce(pipeline, chain);
    await gateway.deploy(deployment, segmentsByDigest(sources), { signal });
    await answersOnce(pipeline, plan);
  });
}

/** Stage 1 gets a segment that maps other tensors: b refuses, and a takes the version back. */
async function deploysAllOrNone(setup: PipelineSetup): Promise<void> {
  const plan: SmallPlan = { ...chain, version: 2 };
  const sources = segmentsOf(plan, setup.createSha256);
  const whole = smallDeployment(plan, sources);
  const other = sources[0]?.manifest.digest ?? '';
  const stages = whole.stages.map((stage) => (stage.stage === 1 ? { ...stage, segment: other } : stage));
  const broken = { ...whole, stages };
  await within(setup, chain, async (pipeline) => {
    const { gateway } = pipeline;
    await requireRejection(gateway.deploy(broken, segmentsByDigest(sources), { signal }), ['ExecutionError']);
    await answersOnce(pipeline, chain);
    const loaded = await gateway.deploy(whole, segmentsByDigest(sources), { signal });
    requireEqual(
      loaded.map(({ stage, device }) => ({ stage, device })),
      plan.stages.map(({ device }, stage) => ({ stage, device })),
      'loaded stages',
    );
    await answersOnce(pipeline, plan);
  });
}

async function survivesFailure(setup: PipelineSetup): Promise<void> {
  let failures = 1;
  const onRun = (device: string): void => {
    if (device === 'b' && failures-- > 0) throw new CancelledError('the stage failed', 'Try again.');
  };
  await within({ ...setup, onRun }, chain, async (pipeline) => {
    const request = pipeline.gateway.request(planInputs(chain, 1), { signal });
    const error = await requireRejection(request, ['CancelledError']);
    requireThat((error as ErrorRecord).message.includes('device b'), 'the failure names the device');
    await answersOnce(pipeline, chain);
  });
}

async function noticesDeath(setup: PipelineSetup): Promise<void> {
  const started = signalled();
  const onRun = async (device: string): Promise<void> => {
    if (device !== 'b') return;
    started.go();
    await signalled().gone;
  };
  const limits = { cleanUpSeconds: 0.05 };
  await within({ ...setup, onRun, agentLimits: limits }, chain, async ({ gateway, agents }) => {
    const request = requireRejection(gateway.request(planInputs(chain, 1), { signal }), ['ConnectionError']);
    await started.gone;
    const closing = agents.get('b')?.close();
    const error = (await request) as ErrorRecord;
    requireThat(error.message.includes('device b'), `the failure names the device: ${error.message}`);
    await requireRejection(gateway.request(planInputs(chain, 1), { signal }), ['ConnectionError']);
    await closing;
  });
}

async function cancels(setup: PipelineSetup): Promise<void> {
  const { began, letGo, onRun } = held('b');
  await within({ ...setup, onRun }, chain, async (pipeline) => {
    const leaving = new AbortController();
    const request = pipeline.gateway.request(planInputs(chain, 1), {
      signal: leaving.signal,
      timeoutSeconds: seconds(15),
    });
    const rejected = requireRejection(request, ['CancelledError']);
    await began;
    leaving.abort(new CancelledError('not wanted any more', 'Nothing to do.'));
    await rejected;
    letGo();
    await answersOnce(pipeline, chain, 2);
  });
}

/** Whoever is told of the failure can ask the gateway whether it is only because that was closed. */
async function tellsItsEnd(setup: PipelineSetup): Promise<void> {
  const { began, letGo, onRun } = held('b');
  await within({ ...setup, onRun }, chain, async ({ gateway }) => {
    const { closed } = gateway;
    const isClosed = gateway.request(planInputs(chain, 1), { signal }).then(
      () => null,
      () => closed.aborted,
    );
    await began;
    requireThat(!closed.aborted, 'closed while a request is in flight');
    const closing = gateway.close();
    requireEqual(await isClosed, true, 'closed when its request failed');
    letGo();
    await closing;
  });
}
