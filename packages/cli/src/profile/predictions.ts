import {
  type Cluster,
  type Graph,
  type HeldOutErrors,
  type Profile,
  predictableTraits,
  predictedProfile,
  shippedPredictor,
} from '@tandem/core';
import type { Output } from '../output.ts';

/**
 * `measured`, and for devices without measured times those that the shipped predictor foretells, where a device's description is enough
 * for it. Says for whom and how far such times were off on devices that it had not seen.
 */
export function withPredictions(
  graph: Graph,
  cluster: Cluster,
  measured: Profile,
  output: Pick<Output, 'progress'>,
): Profile {
  if (!cluster.devices.some((device) => predictableTraits(device) !== null)) return measured;
  const { trained, provenance } = shippedPredictor;
  const profile = predictedProfile(graph, cluster, trained, measured);
  const foretold = new Set(
    profile.rows.flatMap(({ device, source }) => (source === 'predicted' ? [device] : [])),
  );
  if (foretold.size > 0) output.progress(predictionText([...foretold], provenance.heldOut));
  return profile;
}

/** For people: whose times are foretold and how far to believe them. */
function predictionText(
  devices: readonly string[],
  { devices: heldOut, medianFactor, p90Factor }: HeldOutErrors,
): string {
  const names = devices.map((id) => `'${id}'`).join(', ');
  return `times of ${names} are predicted from clock, vectors and cache: of ${heldOut} devices never seen, half the times were within a factor of ${medianFactor.toFixed(2)}, nine in ten within ${p90Factor.toFixed(2)}`;
}
