import {
  type DeviceId,
  type DeviceMemory,
  deviceMemory,
  mostActivation,
  type Node,
  type NodeId,
  type ParameterId,
  type Problem,
} from '@tandem/core';

/** What one device can hold of a model. */
export interface DeviceFit {
  readonly device: DeviceId;
  /** Its own memory or its host's, whichever is less. */
  readonly capacityBytes: number;
  /** When it is given every node. */
  readonly whole: DeviceMemory;
  /** Of the capacity that the whole model takes; above 1 it does not fit. */
  readonly share: number;
  /** The longest run of nodes from the model's start that fits. */
  readonly front: FittingRun;
  /** The longest run of nodes to the model's end that fits. */
  readonly back: FittingRun;
}

export interface FittingRun {
  /** How many nodes. */
  readonly nodes: number;
  /** The farthest layer that fits; null when none does. */
  readonly reaches: string | null;
  /** What the run takes. */
  readonly memoryBytes: number;
  /** The layer with which the device would overflow; null when everything fits. */
  readonly overflowsAt: string | null;
  /** What the run takes with that layer. */
  readonly overflowBytes: number | null;
}

/**
 * How much of the model each device of the cluster could hold for one request, in the cluster's order. Folded nodes go with their
 * partner. Tensors that a device merely passes on as the workload's source or sink are left out: what counts is the layers.
 */
export function deviceFits(problem: Problem): DeviceFit[] {
  const layersAlone: Problem = { ...problem, workload: { arrivals: { kind: 'one' }, source: '', sink: '' } };
  return problem.cluster.devices.map(({ id }) => deviceFit(layersAlone, id));
}

function deviceFit(problem: Problem, device: DeviceId): DeviceFit {
  const capacityBytes = capacityOf(problem, device);
  const groups = foldedTogether(problem.graph.nodes);
  const whole = deviceMemory(problem, { stages: [{ device, nodes: nodesOf(groups) }] }, device);
  const run = (ordered: readonly (readonly Node[])[]): FittingRun =>
    longestRun(problem, device, ordered, capacityBytes);
  return {
    device,
    capacityBytes,
    whole,
    share: whole.memoryBytes / capacityBytes,
    front: run(groups),
    back: run([...groups].reverse()),
  };
}

/** In bytes. */
function capacityOf({ cluster }: Problem, device: DeviceId): number {
  const row = cluster.devices.find(({ id }) => id === device);
  const host = cluster.hosts.find(({ id }) => id === row?.host);
  return Math.min(row?.memoryBytes ?? 0, host?.memoryBytes ?? Number.POSITIVE_INFINITY);
}

/**
 * Looks for the first overflow from the run's start on. A longer run may need a little less (it no longer gives a large tensor away),
 * so every length counts; those that surely fit, by their parameters and the most that activations can be, are not priced.
 */
function longestRun(
  problem: Problem,
  device: DeviceId,
  groups: readonly (readonly Node[])[],
  capacityBytes: number,
): FittingRun {
  const need = (count: number): number => {
    const nodes = nodesOf(groups.slice(0, count));
    return deviceMemory(problem, { stages: nodes.length === 0 ? [] : [{ device, nodes }] }, device)
      .memoryBytes;
  };
  const most = mostBytes(problem, device, groups);
  let fitting = -1;
  while (
    fitting < groups.length &&
    ((most[fitting + 1] ?? 0) <= capacityBytes || need(fitting + 1) <= capacityBytes)
  )
    fitting++;
  const reached = Math.max(0, fitting);
  const overflow = groups[reached]?.[0];
  return {
    nodes: nodesOf(groups.slice(0, reached)).length,
    reaches: groups[reached - 1]?.[0]?.name ?? null,
    memoryBytes: need(reached),
    overflowsAt: overflow?.name ?? null,
    overflowBytes: overflow === undefined ? null : need(reached + 1),
  };
}

/**
 * More than a run of the first k groups can take, for k = 0 … all: its distinct parameters, the most that activations of any run are, and
 * the model's inputs and outputs, which the other end may add.
 */
function mostBytes(problem: Problem, device: DeviceId, groups: readonly (readonly Node[])[]): number[] {
  const { graph, cluster } = problem;
  const ends = [...graph.inputs, ...graph.outputs].reduce(
    (sum, id) => sum + (graph.tensors[id]?.bytes ?? 0),
    0,
  );
  const overhead = cluster.devices.find(({ id }) => id === device)?.overheadBytes ?? 0;
  const known = new Set<ParameterId>();
  let sum = overhead + ends + mostActivation(graph);
  return [
    sum,
    ...groups.map((group) => {
      for (const id of group.flatMap(({ parameters }) => parameters)) {
        if (!known.has(id)) sum += graph.parameters[id]?.bytes ?? 0;
        known.add(id);
      }
      return sum;
    }),
  ];
}

/** Each node with those folded into it, in the order of the former. */
function foldedTogether(nodes: readonly Node[]): Node[][] {
  const groups = new Map<NodeId, Node[]>();
  for (const node of nodes) {
    const group = groups.get(node.foldedInto ?? node.id);
    if (group === undefined) groups.set(node.foldedInto ?? node.id, [node]);
    else group.push(node);
  }
  return [...groups.values()];
}

/** Ascending. */
function nodesOf(groups: readonly (readonly Node[])[]): NodeId[] {
  return groups
    .flat()
    .map(({ id }) => id)
    .sort((left, right) => left - right);
}
