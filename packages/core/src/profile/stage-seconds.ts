import type { Device, DeviceId } from '../cluster/cluster.ts';
import type { Graph, NodeId } from '../graph/graph.ts';
import { type Seconds, seconds } from '../units.ts';
import { nodeRanges } from './node-ranges.ts';
import { leastCertain, mostCertain, nodeTimer, type SourcedSeconds } from './node-seconds.ts';
import type { Profile, SegmentTime, Source } from './profile.ts';

/** A stage's time; how far to believe it, where that was measured. */
export interface StageSeconds extends SourcedSeconds {
  readonly spreadSeconds?: Seconds;
}

/**
 * What `nodes` take on `device` as one stage: the time of exactly this segment, else the sum of its nodes. A segment of a less
 * certain source than every node of it gives way to the nodes. Of a sum, the source is the least certain among the nodes.
 */
export function stageSeconds(
  profile: Profile,
  device: Device,
  graph: Graph,
  nodes: readonly NodeId[],
): StageSeconds {
  const time = nodeTimer(profile, device, graph);
  const times = nodes.flatMap((id) => {
    const node = graph.nodes[id];
    return node === undefined ? [] : [time(node)];
  });
  const sum = sumOf(times);
  const segment = segmentTimes(profile, device.id).get(nodeRanges(nodes));
  return segment === undefined ? sum : preferred(segment, sum);
}

/** The segment's time unless the sum of its nodes is more certain. */
export function preferred(segment: SegmentTime, sum: SourcedSeconds): StageSeconds {
  if (leastCertain(segment.source, sum.source) !== sum.source) return sum;
  const { seconds: time, source, spreadSeconds } = segment;
  return { seconds: time, source, ...(spreadSeconds === undefined ? {} : { spreadSeconds }) };
}

/** A device's segment times by `nodeRanges`. */
export function segmentTimes(profile: Profile, device: DeviceId): ReadonlyMap<string, SegmentTime> {
  const own = profile.segments?.filter((row) => row.device === device) ?? [];
  return mostCertain(own, (row) => row.segment);
}

function sumOf(times: readonly SourcedSeconds[]): SourcedSeconds {
  let sum = 0;
  let source: Source = 'measured';
  for (const time of times) {
    sum += time.seconds;
    source = leastCertain(source, time.source);
  }
  return { seconds: seconds(sum), source };
}
