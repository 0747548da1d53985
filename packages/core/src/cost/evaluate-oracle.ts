import type { Link } from '../cluster/cluster.ts';
import { rateAt } from '../cluster/rate-at.ts';
import { transferSeconds } from '../cluster/transfer-seconds.ts';
import type { TensorId } from '../graph/graph.ts';
import { peakActivation } from '../graph/peak-activation.ts';
import { parameterBytesOf, stageBoundary } from '../graph/stage-boundary.ts';
import { frequencyShare } from '../plan/frequency.ts';
import type { Plan, Transfer } from '../plan/plan.ts';
import { type Problem, requestsOf } from '../plan/problem.ts';
import { stageOfNodes } from '../plan/transfers-of.ts';
import { nodeTimer, rooflineSeconds } from '../profile/node-seconds.ts';
import { flopsPerSecond } from '../units.ts';
import { drawOf } from './power.ts';
import { rewrittenBytes } from './rewritten-bytes.ts';

/** What the oracle says of a device. */
export interface OracleDevice extends OracleBubbles {
  readonly device: string;
  readonly parameterBytes: number;
  readonly activationBytes: number;
  readonly queueBytes: number;
  readonly memoryBytes: number;
  readonly loadPeakBytes: number;
  readonly energyJoules: number;
}

export interface OracleBubbles {
  readonly busySeconds: number;
  readonly internalSeconds: number;
  readonly windowSeconds: number;
  readonly steadySeconds: number;
}

export interface OracleReport {
  readonly latencySeconds: number;
  readonly periodSeconds: number;
  readonly energyJoules: number;
  readonly bytesSent: number;
  /** Start and end of each; a transfer's end is when the tensor is there. */
  readonly stages: readonly (readonly [number, number])[];
  readonly transfers: readonly (readonly [number, number])[];
  readonly devices: readonly OracleDevice[];
  /** By name. */
  readonly links: readonly (OracleBubbles & { readonly name: string })[];
  /** Tt^p and Tc^p */
  readonly overlap: { readonly transfer: number; readonly tail: number } | null;
}

export interface Work {
  readonly resource: string;
  readonly after: readonly number[];
  readonly isTransfer: boolean;
  readonly delay: number;
  /** At the rate that a link starts with. */
  readonly listed: number;
  readonly occupied: (start: number) => number;
}

export interface Placed extends Work {
  readonly start: number;
  readonly end: number;
  readonly busy: number;
}

/**
 * The cost model written down a second time, from the definitions and with no regard to speed, for tests to hold `evaluate` against. Of
 * problems without measured segments, whose links all carry something.
 */
export function evaluateOracle(problem: Problem, plan: Plan): OracleReport {
  const work = workOf(problem, plan);
  const placed = schedule(work);
  const there = placed.map(({ end, delay }) => end + delay);
  const latencySeconds = Math.max(0, ...there);
  const resources = [...new Set(work.map(({ resource }) => resource))];
  const listedOf = (resource: string): number => sumOf(placed, resource, ({ listed }) => listed);
  const periodSeconds = Math.max(0, ...resources.map(listedOf));
  const bubbles = (resource: string): OracleBubbles => {
    const own = placed.filter((one) => one.resource === resource);
    const busySeconds = sumOf(placed, resource, ({ busy }) => busy);
    const span = Math.max(...own.map(({ end }) => end)) - Math.min(...own.map(({ start }) => start));
    return {
      busySeconds,
      internalSeconds: own.length === 0 ? 0 : Math.max(0, span - busySeconds),
      windowSeconds: Math.max(0, latencySeconds - busySeconds),
      steadySeconds: Math.max(0, periodSeconds - listedOf(resource)),
    };
  };
  const partakers = problem.cluster.devices.filter(
    ({ id }) =>
      id === problem.workload.source ||
      id === problem.workload.sink ||
      plan.stages.some(({ device }) => device === id),
  );
  const devices = partakers.map(({ id }): OracleDevice => {
    const { busySeconds, ...idle } = bubbles(id);
    const radio = problem.cluster.links.map((link) => {
      const watts =
        (link.from === id ? (link.transmitWatts ?? 0) : 0) + (link.to === id ? (link.receiveWatts ?? 0) : 0);
      return watts * sumOf(placed, linkName(link), ({ busy }) => busy);
    });
    const joules = deviceJoules(problem, plan, id, busySeconds, latencySeconds) + sum(radio);
    return { device: id, busySeconds, ...idle, ...memoryOf(problem, plan, id), energyJoules: joules };
  });
  return {
    latencySeconds,
    periodSeconds,
    energyJoules: sum(devices.map(({ energyJoules }) => energyJoules)),
    bytesSent: sum(plan.transfers.map(({ tensor }) => sizeOf(problem, tensor))),
    stages: placed.slice(0, plan.stages.length).map(({ start, end }) => [start, end]),
    transfers: placed.slice(plan.stages.length).map(({ start, end, delay }) => [start, end + delay]),
    devices,
    links: resources
      .filter((name) => name.includes('>'))
      .sort()
      .map((name) => ({ name, ...bubbles(name) })),
    overlap: overlapOf(plan, placed),
  };
}

/** What one request needs done: stages, then transfers. */
export function workOf(problem: Problem, plan: Plan): readonly Work[] {
  return [
    ...plan.stages.map((_stage, index) => stageWork(problem, plan, index)),
    ...plan.transfers.map((transfer) => transferWork(problem, plan, transfer)),
  ];
}

function stageWork(problem: Problem, plan: Plan, index: number): Work {
  const { graph, profile, cluster, constraints, workload } = problem;
  const { device: id = '', nodes = [] } = plan.stages[index] ?? {};
  const device = cluster.devices.find((row) => row.id === id);
  if (device === undefined) throw new Error(`no device ${id}`);
  const stageOf = stageOfNodes(problem, plan.stages);
  const time = nodeTimer(profile, device, graph);
  const share = frequencyShare(device, plan.frequency);
  const slow = { ...device, flopsPerSecond: flopsPerSecond(device.flopsPerSecond * share) };
  let seconds = 0;
  const after = new Set<number>();
  for (const node of nodes.flatMap((member) => graph.nodes[member] ?? [])) {
    const roofline = rooflineSeconds(device, graph, node);
    seconds += time(node).seconds * (roofline === 0 ? 1 : rooflineSeconds(slow, graph, node) / roofline);
    if (constraints.memory === 'transient' && device.loadBytesPerSecond !== undefined)
      seconds += node.parameterBytes / device.loadBytesPerSecond;
    for (const tensor of node.inputs) {
      const producer = graph.tensors[tensor]?.producer;
      const stage = typeof producer === 'number' ? (stageOf[producer] ?? -1) : -1;
      const origin = stage < 0 ? workload.source : plan.stages[stage]?.device;
      const arrival = plan.transfers.findIndex((sent) => sent.tensor === tensor && sent.to === id);
      if (origin !== id) after.add(plan.stages.length + arrival);
      else if (stage >= 0 && stage !== index) after.add(stage);
    }
  }
  return {
    resource: id,
    after: [...after],
    isTransfer: false,
    delay: 0,
    listed: seconds,
    occupied: () => seconds,
  };
}

const linkName = ({ from, to }: Pick<Link, 'from' | 'to'>): string => `${from}>${to}`;

function transferWork(problem: Problem, plan: Plan, transfer: Transfer): Work {
  const link = problem.cluster.links.find((row) => linkName(row) === linkName(transfer));
  if (link === undefined) throw new Error(`no link ${linkName(transfer)}`);
  const producer = problem.graph.tensors[transfer.tensor]?.producer;
  const size = sizeOf(problem, transfer.tensor);
  const { perMessageSeconds: extra, rate } = link;
  const starting =
    rateAt(link, 0) ||
    (rate.kind === 'trace' ? rate.points.find((point) => point.bitsPerSecond > 0)?.bitsPerSecond : 0);
  return {
    resource: linkName(transfer),
    after: typeof producer === 'number' ? [stageOfNodes(problem, plan.stages)[producer] ?? -1] : [],
    isTransfer: true,
    delay: link.roundTripSeconds / 2,
    listed: extra + (8 * size) / (starting ?? 0),
    occupied: (start) => extra + transferSeconds(link, size, start + extra),
  };
}

/** Of the work that is ready and not placed, the one that can start first, again and again; no resource before it is `free`. */
export function schedule(
  work: readonly Work[],
  free: (resource: string) => number = () => 0,
): readonly Placed[] {
  const placed = new Map<number, Placed>();
  while (placed.size < work.length) {
    let best: { readonly index: number; readonly start: number; readonly turn: number } | null = null;
    for (const [index, one] of work.entries()) {
      if (placed.has(index) || one.after.some((other) => !placed.has(other))) continue;
      const ready = Math.max(0, ...one.after.map((other) => arrival(placed.get(other))));
      const before = [...placed.values()].filter(({ resource }) => resource === one.resource);
      const start = Math.max(ready, free(one.resource), ...before.map(({ end }) => end));
      const turn = one.isTransfer ? ready : start;
      if (best === null || start < best.start || (start === best.start && turn < best.turn))
        best = { index, start, turn };
    }
    const one = best === null ? undefined : work[best.index];
    if (best === null || one === undefined) throw new Error('stages wait for each other');
    const { index, start } = best;
    const busy = start === Number.POSITIVE_INFINITY ? one.listed : one.occupied(start);
    placed.set(index, { ...one, start, busy, end: start + busy });
  }
  return work.flatMap((_one, index) => placed.get(index) ?? []);
}

const arrival = (one: Placed | undefined): number => (one === undefined ? Number.NaN : one.end + one.delay);

function memoryOf(problem: Problem, plan: Plan, id: string) {
  const { graph, constraints, workload, cluster } = problem;
  const own = plan.stages.filter(({ device }) => device === id).map(({ nodes }) => nodes);
  const borders = own.map((nodes) => {
    const { inputs, outputs } = stageBoundary(graph, nodes);
    return new Set([...inputs, ...outputs]);
  });
  const held = new Set([
    ...(id === workload.source ? graph.inputs : []),
    ...(id === workload.sink ? graph.outputs : []),
    ...borders.flatMap((border) => [...border]),
  ]);
  const bytesOf = (tensors: Iterable<TensorId>): number =>
    sum([...tensors].map((tensor) => sizeOf(problem, tensor)));
  const isResident = constraints.memory === 'resident';
  const all = parameterBytesOf(graph, own.flat());
  let most = { parameterBytes: isResident ? all : 0, activationBytes: bytesOf(held) };
  for (const [index, nodes] of own.entries()) {
    const beside = [...held].filter((tensor) => borders[index]?.has(tensor) !== true);
    const need = {
      parameterBytes: isResident ? all : parameterBytesOf(graph, nodes),
      activationBytes: peakActivation(graph, nodes) + bytesOf(beside),
    };
    if (need.parameterBytes + need.activationBytes > most.parameterBytes + most.activationBytes) most = need;
  }
  const overhead = cluster.devices.find((device) => device.id === id)?.overheadBytes ?? 0;
  const queue = bytesOf(held) * (requestsOf(workload) - 1);
  const loads = own.map(
    (nodes) => (isResident ? all : parameterBytesOf(graph, nodes)) + rewrittenBytes(graph, nodes),
  );
  const loadPeakBytes = overhead + Math.max(0, ...loads);
  const running = most.parameterBytes + most.activationBytes + queue + overhead;
  return { ...most, queueBytes: queue, memoryBytes: Math.max(running, loadPeakBytes), loadPeakBytes };
}

function deviceJoules(problem: Problem, plan: Plan, id: string, busy: number, latency: number): number {
  const device = problem.cluster.devices.find((row) => row.id === id);
  const draw = device === undefined ? null : drawOf(device, plan.frequency);
  if (draw === null) return Number.NaN;
  return (draw.staticWatts + draw.dynamicWatts) * busy + draw.idleWatts * Math.max(0, latency - busy);
}

/** Tt^p and Tc^p, counted over the pieces of time between any two moments at which something starts or ends. */
function overlapOf(plan: Plan, placed: readonly Placed[]) {
  const [first = '', second = '', ...others] = new Set(plan.stages.map(({ device }) => device));
  if (second === '' || others.length > 0) return null;
  const times = [...new Set(placed.flatMap(({ start, end }) => [start, end]))].sort(
    (left, right) => left - right,
  );
  const isBusy = (resource: string, from: number, to: number): boolean =>
    placed.some((one) => one.resource === resource && one.start <= from && one.end >= to);
  let transfer = 0;
  let tail = 0;
  for (const [index, from] of times.entries()) {
    const to = times[index + 1] ?? from;
    if (to === from) continue;
    const link = isBusy(`${first}>${second}`, from, to);
    const head = isBusy(first, from, to);
    if (link && head) transfer += to - from;
    if (isBusy(second, from, to) && (link || head)) tail += to - from;
  }
  return { transfer, tail };
}

function sumOf(placed: readonly Placed[], resource: string, value: (one: Placed) => number): number {
  return sum(placed.filter((one) => one.resource === resource).map(value));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const sizeOf = ({ graph }: Problem, tensor: TensorId): number => graph.tensors[tensor]?.bytes ?? 0;
