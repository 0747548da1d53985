import type { Device, Link } from '../cluster/cluster.ts';
import { rateAt } from '../cluster/rate-at.ts';
import { transferSeconds } from '../cluster/transfer-seconds.ts';
import type { TensorId } from '../graph/graph.ts';
import { stageActivation } from '../graph/stage-activation.ts';
import { parameterBytesOf, stageBoundary } from '../graph/stage-boundary.ts';
import { frequencyShare } from '../plan/frequency.ts';
import type { Plan, Transfer } from '../plan/plan.ts';
import type { ExitPoint } from '../plan/policies.ts';
import { type Problem, requestsOf } from '../plan/problem.ts';
import { transferBytes } from '../plan/transfer-codec.ts';
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
  /** Of the request that takes longest. */
  readonly worstLatencySeconds: number;
}

export interface Work {
  readonly resource: string;
  readonly after: readonly number[];
  readonly isTransfer: boolean;
  readonly delay: number;
  /** What crosses, in bytes. */
  readonly size: number;
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
  const runs = runsOf(problem, plan);
  const mean = (value: (run: Run) => number): number =>
    sum(runs.filter(({ share }) => share > 0).map((run) => run.share * value(run)));
  const latencySeconds = mean(latencyOf);
  const resources = [...new Set(runs.flatMap(({ placed }) => placed.map(({ resource }) => resource)))];
  const listedOf = (resource: string): number =>
    mean(({ placed }) => sumOf(placed, resource, ({ listed }) => listed));
  const busyOf = (resource: string): number =>
    mean(({ placed }) => sumOf(placed, resource, ({ busy }) => busy));
  const periodSeconds = Math.max(0, ...resources.map(listedOf));
  const bubbles = (resource: string): OracleBubbles => ({
    busySeconds: busyOf(resource),
    internalSeconds: Math.max(0, mean(({ placed }) => spanOf(placed, resource)) - busyOf(resource)),
    windowSeconds: Math.max(0, latencySeconds - busyOf(resource)),
    steadySeconds: Math.max(0, periodSeconds - listedOf(resource)),
  });
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
      return watts * busyOf(linkName(link));
    });
    const joules = deviceJoules(problem, plan, id, busySeconds, latencySeconds) + sum(radio);
    return { device: id, busySeconds, ...idle, ...memoryOf(problem, plan, id), energyJoules: joules };
  });
  const whole = placedOf(problem, plan, plan.stages.length);
  return {
    latencySeconds,
    periodSeconds,
    energyJoules: sum(devices.map(({ energyJoules }) => energyJoules)),
    bytesSent: mean(({ placed }) => sum(placed.map(({ size }) => size))),
    stages: whole.slice(0, plan.stages.length).map(({ start, end }) => [start, end]),
    transfers: whole.slice(plan.stages.length).map(({ start, end, delay }) => [start, end + delay]),
    devices,
    links: resources
      .filter((name) => name.includes('>'))
      .sort()
      .map((name) => ({ name, ...bubbles(name) })),
    overlap: plan.policies === undefined ? overlapOf(plan, whole) : null,
    worstLatencySeconds: Math.max(0, ...runs.map(latencyOf)),
  };
}

/** What one request needs done: stages, then transfers. */
export function workOf(problem: Problem, plan: Plan): readonly Work[] {
  return [
    ...plan.stages.map((_stage, index) => stageWork(problem, plan, index)),
    ...plan.transfers.map((transfer) => transferWork(problem, plan, transfer)),
  ];
}

/** What becomes of a share of the requests. */
interface Run {
  readonly share: number;
  readonly placed: readonly Placed[];
}

const latencyOf = ({ placed }: Run): number => Math.max(0, ...placed.map(({ end, delay }) => end + delay));

/** Each number of bits with each exit, and with none. */
function runsOf(problem: Problem, plan: Plan): Run[] {
  const { exits, precision } = plan.policies ?? {};
  const points = exits?.points ?? [];
  const staying = 1 - sum(points.map(({ share }) => share));
  return (precision?.bits ?? [{ bits: null, share: 1 }]).flatMap(({ bits, share }) => {
    if (share === 0) return [];
    const transfers = plan.transfers.map((transfer): Transfer => {
      const isCovered = precision?.transfers.some(
        ({ tensor, to }) => tensor === transfer.tensor && to === transfer.to,
      );
      if (bits === null || isCovered !== true || transfer.codec.kind !== 'affine') return transfer;
      return { ...transfer, codec: { ...transfer.codec, bits } };
    });
    const coded = { ...plan, transfers };
    const leaving = points.map((point): Run => {
      const stage =
        stageOfNodes(problem, plan.stages)[Number(problem.graph.tensors[point.tensor]?.producer)] ?? -1;
      return { share: share * point.share, placed: placedOf(problem, coded, stage, point) };
    });
    const all = {
      share: share * (staying < 1e-12 ? 0 : staying),
      placed: placedOf(problem, coded, plan.stages.length),
    };
    return [...leaving, all];
  });
}

/** The work of a request that goes as far as stage `last`, where it leaves at `exit`; the number of stages = to the end. */
function placedOf(problem: Problem, plan: Plan, last: number, exit?: ExitPoint): readonly Placed[] {
  const reaches = ({ tensor, to }: Transfer): boolean =>
    last === plan.stages.length ||
    plan.stages.some(
      ({ device, nodes }, at) =>
        at <= last &&
        device === to &&
        nodes.some((node) => problem.graph.nodes[node]?.inputs.includes(tensor) === true),
    );
  const work = workOf(problem, plan).map((one, at) => {
    const transfer = plan.transfers[at - plan.stages.length];
    return (transfer === undefined ? at <= last : reaches(transfer)) ? one : null;
  });
  return schedule(exit === undefined ? work : [...work, answerWork(problem, plan, last, exit)]);
}

/** An answer goes to the sink as a tensor does. */
function answerWork(problem: Problem, plan: Plan, stage: number, exit: ExitPoint): Work | null {
  const from = plan.stages[stage]?.device ?? '';
  const to = problem.workload.sink;
  const size = headAt(problem, exit)?.answerBytes ?? Number.NaN;
  return from === to ? null : { ...linkWork(problem, { from, to }, size), after: [stage] };
}

const headAt = ({ exits }: Problem, { tensor, kind }: ExitPoint) =>
  exits?.heads.find((head) => head.tensor === tensor && head.kind === kind);

/** The exit whose head runs behind a stage. */
function exitBehind({ graph }: Problem, { policies }: Plan, nodes: readonly number[]): ExitPoint | undefined {
  return policies?.exits?.points.find(({ tensor }) =>
    nodes.includes(Number(graph.tensors[tensor]?.producer)),
  );
}

function headSeconds(problem: Problem, plan: Plan, nodes: readonly number[], slow: Device): number {
  const exit = exitBehind(problem, plan, nodes);
  const head = exit === undefined ? undefined : headAt(problem, exit);
  if (head === undefined || head.flops + head.movedBytes === 0) return 0;
  const work = Math.max(head.flops / slow.flopsPerSecond, head.movedBytes / slow.memoryBytesPerSecond);
  return work * slow.load + slow.launchSeconds;
}

function spanOf(placed: readonly Placed[], resource: string): number {
  const own = placed.filter((one) => one.resource === resource);
  if (own.length === 0) return 0;
  const first = Math.min(...own.map(({ start }) => start));
  return Math.max(...own.map(({ end }) => end)) - first;
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
  seconds += headSeconds(problem, plan, nodes, slow);
  return {
    resource: id,
    after: [...after],
    isTransfer: false,
    delay: 0,
    size: 0,
    listed: seconds,
    occupied: () => seconds,
  };
}

const linkName = ({ from, to }: Pick<Link, 'from' | 'to'>): string => `${from}>${to}`;

function transferWork(problem: Problem, plan: Plan, transfer: Transfer): Work {
  const tensor = problem.graph.tensors[transfer.tensor];
  if (tensor === undefined) throw new Error(`no tensor ${transfer.tensor}`);
  const { producer } = tensor;
  const after = typeof producer === 'number' ? [stageOfNodes(problem, plan.stages)[producer] ?? -1] : [];
  return { ...linkWork(problem, transfer, transferBytes(tensor, transfer.codec)), after };
}

function linkWork(problem: Problem, ends: Pick<Link, 'from' | 'to'>, size: number): Work {
  const link = problem.cluster.links.find((row) => linkName(row) === linkName(ends));
  if (link === undefined) throw new Error(`no link ${linkName(ends)}`);
  const { perMessageSeconds: extra, burstBytes = 0, rate } = link;
  const sent = Math.max(0, size - burstBytes);
  const starting =
    rateAt(link, 0) ||
    (rate.kind === 'trace' ? rate.points.find((point) => point.bitsPerSecond > 0)?.bitsPerSecond : 0);
  return {
    resource: linkName(ends),
    after: [],
    isTransfer: true,
    delay: link.roundTripSeconds / 2,
    size,
    listed: extra + (8 * sent) / (starting ?? 0),
    occupied: (start) => extra + transferSeconds(link, sent, start + extra),
  };
}

/** Of the work that is ready and not placed, the one that can start first, again and again; null is not done. No resource before it is `free`. */
export function schedule(
  work: readonly (Work | null)[],
  free: (resource: string) => number = () => 0,
): readonly Placed[] {
  const placed = new Map<number, Placed>();
  const count = work.filter((one) => one !== null).length;
  while (placed.size < count) {
    let best: { readonly index: number; readonly start: number; readonly turn: number } | null = null;
    for (const [index, one] of work.entries()) {
      if (one === null || placed.has(index) || one.after.some((other) => !placed.has(other))) continue;
      const ready = Math.max(0, ...one.after.map((other) => arrival(placed.get(other))));
      const before = [...placed.values()].filter(({ resource }) => resource === one.resource);
      const start = Math.max(ready, free(one.resource), ...before.map(({ end }) => end));
      const turn = one.isTransfer ? ready : start;
      if (best === null || start < best.start || (start === best.start && turn < best.turn))
        best = { index, start, turn };
    }
    const one = best === null ? undefined : work[best.index];
    if (best === null || one === undefined || one === null) throw new Error('stages wait for each other');
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
      activationBytes: stageActivation(graph, nodes) + bytesOf(beside),
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
  const heads = own.map((nodes) => {
    const exit = exitBehind(problem, plan, nodes);
    return exit === undefined ? 0 : (headAt(problem, exit)?.parameterBytes ?? 0);
  });
  return {
    ...most,
    queueBytes: queue,
    parameterBytes: most.parameterBytes + sum(heads),
    memoryBytes: Math.max(running, loadPeakBytes) + sum(heads),
    loadPeakBytes: loadPeakBytes + sum(heads),
  };
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
