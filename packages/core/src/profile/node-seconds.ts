import type { Device } from '../cluster/cluster.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { type Seconds, seconds } from '../units.ts';
import { nodeRanges } from './node-ranges.ts';
import type { Profile, ProfileRow, Source } from './profile.ts';

/** A time and where it comes from. */
export interface SourcedSeconds {
  readonly seconds: Seconds;
  readonly source: Source;
}

/** From the most to the least certain. */
const certainty: readonly Source[] = ['measured', 'predicted', 'roofline'];

/** The less certain of two sources. */
export function leastCertain(left: Source, right: Source): Source {
  return left === right || certainty.indexOf(left) > certainty.indexOf(right) ? left : right;
}

/**
 * What `node` takes on `device`: the profile's most certain row for the two (the last of equals), else the roofline. A row's time
 * holds load and launch already. Where every node and the whole graph were measured, the nodes' times are scaled so that
 * they add up to the whole: a profiler misses what passes between nodes.
 */
export function nodeSeconds(profile: Profile, device: Device, graph: Graph, node: Node): SourcedSeconds {
  return nodeTimer(profile, device, graph)(node);
}

/** `nodeSeconds` for many nodes of one device: the profile is indexed once. */
export function nodeTimer(profile: Profile, device: Device, graph: Graph): (node: Node) => SourcedSeconds {
  const rows = mostCertain(
    profile.rows.filter((row) => row.device === device.id),
    (row) => row.node,
  );
  const factor = fusionFactor(profile, device, graph, rows);
  return (node) => {
    const row = rows.get(node.name);
    if (row === undefined) return { seconds: rooflineSeconds(device, graph, node), source: 'roofline' };
    return { seconds: seconds(row.seconds * factor), source: row.source };
  };
}

/** By key the most certain of `rows`, the last of equals. */
export function mostCertain<Row extends { readonly source: Source }>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): ReadonlyMap<string, Row> {
  const best = new Map<string, Row>();
  for (const row of rows) {
    const known = best.get(keyOf(row));
    if (known === undefined || leastCertain(row.source, known.source) === known.source)
      best.set(keyOf(row), row);
  }
  return best;
}

/** The measured whole over the sum of its measured nodes; 1 where either is not known. */
function fusionFactor(
  profile: Profile,
  device: Device,
  graph: Graph,
  rows: ReadonlyMap<string, ProfileRow>,
): number {
  if ((profile.segments ?? []).length === 0) return 1;
  const everything = nodeRanges(graph.nodes.map(({ id }) => id));
  const whole = profile.segments?.findLast(
    (row) => row.device === device.id && row.segment === everything && row.source === 'measured',
  );
  if (whole === undefined) return 1;
  let sum = 0;
  for (const { name } of graph.nodes) {
    const row = rows.get(name);
    if (row?.source !== 'measured') return 1;
    sum += row.seconds;
  }
  return sum > 0 && Number.isFinite(whole.seconds / sum) ? whole.seconds / sum : 1;
}

/**
 * max(operations / rate, bytes moved / bandwidth) × load + launch; bytes moved are inputs, outputs and parameters. Of several requests
 * together, operations, inputs and outputs count for each, parameters and the launch once.
 */
export function rooflineSeconds(device: Device, graph: Graph, node: Node, requests = 1): Seconds {
  const compute = (requests * node.flops) / device.flopsPerSecond;
  const activations = (bytesMoved(graph)[node.id] ?? 0) - node.parameterBytes;
  const memory = (requests * activations + node.parameterBytes) / device.memoryBytesPerSecond;
  return seconds(Math.max(compute, memory) * device.load + device.launchSeconds);
}

/** [node]: the same for every node. */
export function rooflineRow(device: Device, graph: Graph): readonly number[] {
  const { flopsPerSecond, memoryBytesPerSecond, load, launchSeconds } = device;
  const sizes = bytesMoved(graph);
  return graph.nodes.map(
    ({ id, flops }) =>
      Math.max(flops / flopsPerSecond, (sizes[id] ?? 0) / memoryBytesPerSecond) * load + launchSeconds,
  );
}

/** The same on every device. */
const moved = new WeakMap<Graph, Float64Array>();

/** [node] */
function bytesMoved(graph: Graph): Float64Array {
  const known = moved.get(graph);
  if (known !== undefined) return known;
  const sums = Float64Array.from(graph.nodes, ({ parameterBytes, inputs, outputs }) => {
    let sum: number = parameterBytes;
    for (const tensor of inputs) sum += graph.tensors[tensor]?.bytes ?? 0;
    for (const tensor of outputs) sum += graph.tensors[tensor]?.bytes ?? 0;
    return sum;
  });
  moved.set(graph, sums);
  return sums;
}
