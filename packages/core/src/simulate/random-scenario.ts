import { createRandom, type Random } from '../random.ts';
import { replicaShares } from '../schedule/ticket-share.ts';
import { bitsPerSecond, bytes, type Seconds, seconds } from '../units.ts';
import type { Scenario, ScenarioLink, ScenarioPipeline, ScenarioStage } from './scenario.ts';

/** A chain of devices and the links between them, in which each takes so long for every request: device, link, device, ... */
export function chainScenario(
  stageSeconds: readonly number[],
  arrivals: ScenarioPipeline['arrivals'],
  options: Partial<ScenarioPipeline> = {},
): Scenario {
  const devices = stageSeconds.flatMap((_, at) => (at % 2 === 0 ? [`d${at / 2}`] : []));
  const links = devices.slice(1).map((to, at): ScenarioLink => {
    return { from: `d${at}`, to, rate: { kind: 'constant', bitsPerSecond: bitsPerSecond(8) } };
  });
  const stages = devices.map((device, at): ScenarioStage => {
    const own = { inputs: [`t${at}`], outputs: [`t${at + 1}`] };
    return { stage: at, device, seconds: seconds(stageSeconds[2 * at] ?? 0), ...own };
  });
  // At 8 bits a second a byte takes a second, so that bytes are the link's times.
  const tensors = links.map((_, at) => ({
    tensor: `t${at + 1}`,
    bytes: bytes(stageSeconds[2 * at + 1] ?? 0),
  }));
  const pipeline: ScenarioPipeline = {
    version: 1,
    stages,
    tensors,
    inputs: ['t0'],
    outputs: [`t${devices.length}`],
    source: devices[0] ?? '',
    sink: devices.at(-1) ?? '',
    arrivals,
    queue: Number.MAX_SAFE_INTEGER,
    window: Number.MAX_SAFE_INTEGER,
    waiting: Number.MAX_SAFE_INTEGER,
    ...options,
  };
  return { devices, links, pipelines: [pipeline], acknowledgementSeconds: seconds(0) };
}

/**
 * A pipeline of any form on two to four devices with all links between them: branches that meet again, tensors that several stages read,
 * stages that come back to a device, replicas, batches, one slow stage, queues of 1 to 3 and a small window. The same `random` gives the
 * same scenario.
 */
function randomScenario(random: Random): Scenario {
  const devices = Array.from({ length: 2 + random.integer(3) }, (_, at) => `d${at}`);
  const links = devices.flatMap((from) =>
    devices.filter((to) => to !== from).map((to) => randomLink(random, from, to)),
  );
  return { devices, links, pipelines: [randomPipeline(random, devices)] };
}

/** The scenario of number `seed` in a sweep. */
export function numberedScenario(seed: number): Scenario {
  return randomScenario(createRandom(seed).split('scenario'));
}

function randomLink(random: Random, from: string, to: string): ScenarioLink {
  const rate = { kind: 'constant', bitsPerSecond: bitsPerSecond(8 * (1 + random.integer(8))) } as const;
  const shared = random.next() < 0.2 ? { medium: 'air' } : {};
  return { from, to, rate, delaySeconds: seconds(random.integer(3) / 4), ...shared };
}

function randomPipeline(random: Random, devices: readonly string[]): ScenarioPipeline {
  const deviceOf = (): string => devices[random.integer(devices.length)] ?? 'd0';
  const made = ['t0'];
  const stages: ScenarioStage[] = [];
  const count = 1 + random.integer(6);
  const slow = random.integer(count);
  for (let stage = 0; stage < count; stage++) {
    const inputs = made.filter((_, at) => at === made.length - 1 || random.next() < 0.3);
    const tensor = `t${made.length}`;
    const time = random.integer(4) * (stage === slow ? 8 : 1);
    const row = { stage, seconds: seconds(time), inputs, outputs: [tensor], ...randomBatch(random) };
    stages.push(...replicasOf(random, row, deviceOf));
    made.push(tensor);
  }
  const unread = made.filter((tensor) => !stages.some(({ inputs }) => inputs.includes(tensor)));
  return {
    version: 1,
    stages,
    tensors: made.map((tensor) => ({ tensor, bytes: bytes(random.integer(6)) })),
    inputs: ['t0'],
    outputs: [...new Set([...unread, `t${count}`])],
    source: deviceOf(),
    sink: deviceOf(),
    arrivals: { kind: 'poisson', perSecond: 1, requests: 12 },
    queue: 1 + random.integer(3),
    window: 1 + random.integer(8),
    ordered: random.next() < 0.5,
  };
}

function randomBatch(random: Random): { readonly batch?: number; readonly batchWaitSeconds?: Seconds } {
  if (random.next() < 0.8) return {};
  return { batch: 2 + random.integer(3), batchWaitSeconds: seconds(random.integer(3)) };
}

function replicasOf(
  random: Random,
  row: Omit<ScenarioStage, 'device'>,
  deviceOf: () => string,
): readonly ScenarioStage[] {
  const devices = [...new Set(random.next() < 0.75 ? [deviceOf()] : [deviceOf(), deviceOf()])];
  const shares = replicaShares(devices.map(() => 1 + random.integer(3)));
  return devices.map((device, at) => {
    const share = shares[at];
    return share === undefined ? { ...row, device } : { ...row, device, share };
  });
}
