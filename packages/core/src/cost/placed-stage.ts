import type { DeviceId } from '../cluster/cluster.ts';
import type { Graph, NodeId } from '../graph/graph.ts';
import type { Source } from '../profile/profile.ts';
import { type Seconds, seconds } from '../units.ts';
import { type ComputeTable, stageTime } from './cost-tables.ts';
import type { MemoryUser } from './device-memory.ts';
import { NodeSetMemo } from './node-set-memo.ts';
import { type StageFacts, stageFacts } from './stage-facts.ts';

/** That a stage executes several requests at once. */
export interface Together {
  readonly requests: number;
  /** The longest that the first of them waits for the others. */
  readonly waitSeconds: Seconds;
  /** What it takes to compute one request alone. */
  readonly aloneSeconds: Seconds;
}

/** A stage on a device at one clock rate. */
export interface PlacedStage extends MemoryUser {
  readonly deviceId: DeviceId;
  /** How long it occupies the device: loading and computing, of a whole batch where requests run together. */
  readonly occupiedSeconds: Seconds;
  readonly computeSeconds: Seconds;
  readonly loadSeconds: Seconds;
  readonly source: Source;
  /** Null where it executes one request at a time. */
  readonly together: Together | null;
  /** A stage that was found to yield all that this one reads. */
  readsOnlyFrom: PlacedStage | null;
}

/** What stages need, of the sets of nodes seen last. */
export function stageFactsMemo(graph: Graph): NodeSetMemo<StageFacts> {
  return new NodeSetMemo(graph.nodes.length, (nodes) => stageFacts(graph, nodes));
}

/** Finds stages on devices, by position, at the clock rates of `table`. */
export function placedStages(
  table: ComputeTable,
  facts: NodeSetMemo<StageFacts>,
  nodeCount: number,
): (nodes: readonly NodeId[], device: number) => PlacedStage {
  const byDevice = table.devices.map(
    (_id, device) =>
      new NodeSetMemo(nodeCount, (nodes) => placedStage(table, facts.get(nodes), nodes, device)),
  );
  return (nodes, device) => {
    const memo = byDevice[device];
    return memo === undefined ? placedStage(table, facts.get(nodes), nodes, device) : memo.get(nodes);
  };
}

function placedStage(
  table: ComputeTable,
  facts: StageFacts,
  nodes: readonly NodeId[],
  device: number,
): PlacedStage {
  const { seconds: occupied, loadSeconds, source } = stageTime(table, device, nodes);
  return {
    facts,
    device,
    deviceId: table.devices[device] ?? '',
    occupiedSeconds: occupied,
    computeSeconds: seconds(Math.max(0, occupied - loadSeconds)),
    loadSeconds,
    source,
    together: null,
    memoryAlone: null,
    readsOnlyFrom: null,
  };
}
