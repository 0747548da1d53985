import type { Device } from '../cluster/cluster.ts';
import type { Graph, Node, NodeId } from '../graph/graph.ts';
import { type Seconds, seconds } from '../units.ts';
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
  return certainty.indexOf(left) > certainty.indexOf(right) ? left : right;
}

/**
 * What `node` takes on `device`: the profile's most certain row for the two (the last of equals), else the roofline. A row's time
 * is taken as it is: load and launch were in the measurement.
 */
export function nodeSeconds(profile: Profile, device: Device, graph: Graph, node: Node): SourcedSeconds {
  return nodeTimer(profile, device, graph)(node);
}

/** What `nodes` take on `device` back to back; the source is the least certain among them. */
export function stageSeconds(
  profile: Profile,
  device: Device,
  graph: Graph,
  nodes: readonly NodeId[],
): SourcedSeconds {
  const time = nodeTimer(profile, device, graph);
  let sum = 0;
  let source: Source = 'measured';
  for (const id of nodes) {
    const node = graph.nodes[id];
    if (node === undefined) continue;
    const one = time(node);
    sum += one.seconds;
    source = leastCertain(source, one.source);
  }
  return { seconds: seconds(sum), source };
}

/** `nodeSeconds` for many nodes of one device: the profile is indexed once. */
export function nodeTimer(profile: Profile, device: Device, graph: Graph): (node: Node) => SourcedSeconds {
  const rows = rowsOf(profile, device);
  return (node) =>
    rows.get(node.name) ?? { seconds: rooflineSeconds(device, graph, node), source: 'roofline' };
}

function rowsOf(profile: Profile, device: Device): Map<string, ProfileRow> {
  const rows = new Map<string, ProfileRow>();
  for (const row of profile.rows) {
    if (row.device !== device.id) continue;
    const known = rows.get(row.node);
    if (known === undefined || leastCertain(row.source, known.source) === known.source)
      rows.set(row.node, row);
  }
  return rows;
}

/** max(operations / rate, bytes moved / bandwidth) × load + launch; bytes moved are inputs, outputs and parameters. */
function rooflineSeconds(device: Device, graph: Graph, node: Node): Seconds {
  const compute = node.flops / device.flopsPerSecond;
  const memory = bytesMoved(graph, node) / device.memoryBytesPerSecond;
  return seconds(Math.max(compute, memory) * device.load + device.launchSeconds);
}

function bytesMoved(graph: Graph, node: Node): number {
  let sum: number = node.parameterBytes;
  for (const tensor of node.inputs) sum += graph.tensors[tensor]?.bytes ?? 0;
  for (const tensor of node.outputs) sum += graph.tensors[tensor]?.bytes ?? 0;
  return sum;
}
