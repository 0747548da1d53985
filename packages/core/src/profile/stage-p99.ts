import type { Device } from '../cluster/cluster.ts';
import type { Graph, NodeId } from '../graph/graph.ts';
import { type Seconds, seconds } from '../units.ts';
import { shippedPredictor } from './predict/shipped-predictor.ts';
import type { Profile } from './profile.ts';
import { stageSeconds } from './stage-seconds.ts';

/** Of a normal distribution, in standard deviations: its 99th and 90th percentiles, and the distance between its quartiles. */
const [p99, p90, quartiles] = [2.326, 1.282, 1.349] as const;

/**
 * Within which 99 of 100 runs of `nodes` as one stage should end, by the distribution that its time comes with: a measured segment's passes,
 * taken to be normal by the distance of their quartiles, or the predictor's error on networks that it had not seen, log-normal by its
 * 90th percentile. Null where the time comes with none: a roofline, or a sum of nodes.
 */
export function stageP99(
  profile: Profile,
  device: Device,
  graph: Graph,
  nodes: readonly NodeId[],
): Seconds | null {
  const { seconds: time, source, spreadSeconds } = stageSeconds(profile, device, graph, nodes);
  if (spreadSeconds !== undefined) return seconds(time + (p99 * spreadSeconds) / quartiles);
  if (source !== 'predicted') return null;
  return seconds(time * shippedPredictor.provenance.heldOut.p90Factor ** (p99 / p90));
}
