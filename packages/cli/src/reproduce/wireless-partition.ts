import {
  bitsPerSecond,
  bytes,
  bytesPerSecond,
  type Cluster,
  catalogueDevice,
  catalogueLink,
  choose,
  createEvaluator,
  type FlopsPerSecond,
  flopsPerSecond,
  type Graph,
  graphOf,
  type PlannerName,
  problemDigest,
  problemOf,
  seconds,
  zooModel,
} from '@tandem/core';
import type { ReproduceContext } from './claim.ts';

/** Mu et al., Table II: what each machine computes, all that their delay model knows about it. */
export const machines: Readonly<Record<Machine, FlopsPerSecond>> = {
  'raspberry-pi-3b+': rateOf('mu-raspberry-pi-3b-plus'),
  'raspberry-pi-4b': rateOf('mu-raspberry-pi-4b'),
  'jetson-tk1': rateOf('mu-jetson-tk1'),
};
type Machine = 'raspberry-pi-3b+' | 'raspberry-pi-4b' | 'jetson-tk1';
export const teslaP100: FlopsPerSecond = rateOf('mu-tesla-p100');

/** Mu et al., Table III: uplinks in Mbit/s. */
export const uplinks: Readonly<Record<Uplink, number>> = {
  '3G': catalogueLink('3g').megabitsPerSecond.value,
  '4G': catalogueLink('4g').megabitsPerSecond.value,
  '5G': catalogueLink('5g').megabitsPerSecond.value,
  WiFi: catalogueLink('wifi').megabitsPerSecond.value,
};
export type Uplink = '3G' | '4G' | '5G' | 'WiFi';
export const uplinkNames: readonly Uplink[] = ['3G', '4G', '5G', 'WiFi'];

/** Bits: the paper does not say which it means. With 2²⁰ more of its factors come out, so this was chosen. */
export const megabits: { readonly binary: number; readonly decimal: number } = {
  binary: 2 ** 20,
  decimal: 1e6,
};

/** Seconds of one request on the three ways of Fig. 6. */
export interface WaysToRun {
  readonly allLocal: number;
  readonly allServer: number;
  readonly partition: number;
}

export const partitionStandIn =
  'Arithmetic in place of the machines, as in the paper (FLOPs / FLOPS, equations (2)–(5)), on the zoo’s AlexNet at 224 × 224 with 10 classes, fp32 input and features; Tandem’s planners and cost model. 1 Mbit = 2²⁰ bits: the paper leaves it open, and this was chosen because more of its factors come out.';

/** Fig. 6 for one machine: latencies over each uplink. @default megabit 2²⁰ bits */
export async function waysToRun(
  machine: FlopsPerSecond,
  context: ReproduceContext,
  megabit: number = megabits.binary,
): Promise<Readonly<Record<Uplink, WaysToRun>>> {
  const graph = graphOf(zooModel('alexnet', { classes: 10, batch: 1 }), { flopRules: 'tableI' });
  const over = (name: Uplink): Promise<WaysToRun> =>
    overUplink(graph, machine, uplinks[name] * megabit, context);
  return { '3G': await over('3G'), '4G': await over('4G'), '5G': await over('5G'), WiFi: await over('WiFi') };
}

async function overUplink(
  graph: Graph,
  machine: FlopsPerSecond,
  rate: number,
  context: ReproduceContext,
): Promise<WaysToRun> {
  const cluster = twoMachines(machine, rate);
  const latency = (planner: PlannerName, sink: string, neverLeaveRawInput: boolean): Promise<number> =>
    plannedLatency(planner, { graph, cluster, sink, neverLeaveRawInput }, context);
  return {
    allLocal: await latency('all-local', 'device', false),
    allServer: await latency('all-server', 'server', false),
    // The paper's partition point starts behind the first layer, and the answer of the last one is still sent.
    partition: await latency('neurosurgeon-chain', 'server', true),
  };
}

interface Request {
  readonly graph: Graph;
  readonly cluster: Cluster;
  readonly sink: string;
  readonly neverLeaveRawInput: boolean;
}

async function plannedLatency(
  planner: PlannerName,
  { graph, cluster, sink, neverLeaveRawInput }: Request,
  { clock, random, createSha256, signal }: ReproduceContext,
): Promise<number> {
  const problem = problemOf(graph, cluster, { sink, neverLeaveRawInput });
  const digest = problemDigest(problem, createSha256);
  const { planned } = await choose(problem, [planner], { problemDigest: digest, clock, random, signal });
  return createEvaluator(problem).evaluate(planned.plan).latencySeconds;
}

function twoMachines(machine: FlopsPerSecond, rate: number): Cluster {
  return {
    name: 'a device and a server',
    hosts: ['device', 'server'].map((id) => ({ id, memoryBytes: bytes(Number.POSITIVE_INFINITY) })),
    devices: [device('device', machine), device('server', teslaP100)],
    links: [
      {
        from: 'device',
        to: 'server',
        rate: { kind: 'constant', bitsPerSecond: bitsPerSecond(rate) },
        roundTripSeconds: seconds(0),
        perMessageSeconds: seconds(0),
      },
    ],
    source: 'device',
  };
}

/** The paper’s delay model has neither memory traffic nor launch times. */
function device(id: string, rate: FlopsPerSecond): Cluster['devices'][number] {
  return {
    id,
    host: id,
    kind: 'cpu',
    memoryBytes: bytes(Number.POSITIVE_INFINITY),
    flopsPerSecond: rate,
    memoryBytesPerSecond: bytesPerSecond(Number.POSITIVE_INFINITY),
    launchSeconds: seconds(0),
    overheadBytes: bytes(0),
    load: 1,
    threads: 1,
    emulated: false,
  };
}

/** A machine of which the catalogue had no rate would take forever, and no claim would hold. */
function rateOf(name: string): FlopsPerSecond {
  return catalogueDevice(name).figures.flopsPerSecond?.value ?? flopsPerSecond(0);
}
