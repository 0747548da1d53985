import type { Cluster, Device } from '../../cluster/cluster.ts';
import type { Graph } from '../../graph/graph.ts';
import { flopsPerSecond, seconds } from '../../units.ts';
import type { Profile, ProfileRow } from '../profile.ts';
import { layersOf, workOfLayers } from './segment-work.ts';
import { type DeviceTraits, deviceTraits } from './timed-segment.ts';
import { type TrainedPredictor, trainedPartSeconds } from './trained-predictor.ts';

/**
 * What a device must say of itself for its times to be foretold, in the terms that were learned from: a processor whose clock, vector
 * width and multiply-add units are stated. Its peak is computed from these, since `flopsPerSecond` is what kernels sustain. Null for
 * all others.
 */
export function predictableTraits(device: Device): DeviceTraits | null {
  const traits = deviceTraits(device);
  const { clockHertz, operationsPerCycle, threads, cacheBytes } = traits;
  if (device.kind !== 'cpu' || clockHertz === null || operationsPerCycle === null || cacheBytes === null)
    return null;
  return { ...traits, flopsPerSecond: flopsPerSecond(threads * clockHertz * operationsPerCycle) };
}

/**
 * Foretold times of every node of `graph` on the devices that `predictableTraits` accepts and `measured` has no row for, then all of
 * `measured`. A network is foretold as a whole and its time handed to its nodes by what layers cost, so that the nodes of any plan add
 * up; nodes that a runtime fuses into others take no time. Other devices keep the roofline. O(devices × nodes).
 */
export function predictedProfile(
  graph: Graph,
  cluster: Cluster,
  trained: TrainedPredictor,
  measured: Profile = { rows: [] },
): Profile {
  const known = new Set([...measured.rows, ...(measured.segments ?? [])].map(({ device }) => device));
  const rows = cluster.devices.flatMap((device) => {
    const traits = known.has(device.id) ? null : predictableTraits(device);
    return traits === null ? [] : deviceRows(graph, device, traits, trained);
  });
  return { ...measured, rows: [...rows, ...measured.rows] };
}

function deviceRows(
  graph: Graph,
  device: Device,
  traits: DeviceTraits,
  trained: TrainedPredictor,
): ProfileRow[] {
  const layers = layersOf(
    graph,
    graph.nodes.map(({ id }) => id),
  );
  const whole = { work: workOfLayers(layers.flatMap((layer) => layer ?? [])), device: traits };
  return graph.nodes.map(({ id, name }) => {
    const layer = layers[id] ?? null;
    const part = { work: workOfLayers(layer === null ? [] : [layer]), device: traits };
    const time = layer === null ? 0 : device.load * trainedPartSeconds(trained, part, whole);
    return { node: name, device: device.id, seconds: seconds(time), source: 'predicted' };
  });
}
