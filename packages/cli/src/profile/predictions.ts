import {
  type Cluster,
  type Graph,
  type Profile,
  predictableTraits,
  predictedProfile,
  shippedPredictor,
} from '@tandem/core';

/** Whose times are foretold, and how far such times were off on devices that the predictor had not seen. */
export interface PredictedTimes {
  readonly devices: readonly string[];
  /** How many were not seen. */
  readonly heldOutDevices: number;
  /** Half the times, and nine in ten, were within this factor. */
  readonly medianFactor: number;
  readonly p90Factor: number;
}

/**
 * `measured`, and for devices without measured times those that the shipped predictor foretells, where a device's description is enough
 * for it; null where it foretells none.
 */
export function withPredictions(
  graph: Graph,
  cluster: Cluster,
  measured: Profile,
): { readonly profile: Profile; readonly predictedTimes: PredictedTimes | null } {
  if (!cluster.devices.some((device) => predictableTraits(device) !== null))
    return { profile: measured, predictedTimes: null };
  const { trained, provenance } = shippedPredictor;
  const profile = predictedProfile(graph, cluster, trained, measured);
  const foretold = new Set(
    profile.rows.flatMap(({ device, source }) => (source === 'predicted' ? [device] : [])),
  );
  if (foretold.size === 0) return { profile, predictedTimes: null };
  const { devices: heldOutDevices, medianFactor, p90Factor } = provenance.heldOut;
  return { profile, predictedTimes: { devices: [...foretold], heldOutDevices, medianFactor, p90Factor } };
}

/** For people: whose times are foretold and how far to believe them. */
export function predictedTimesText(times: PredictedTimes): string {
  const names = times.devices.map((id) => `'${id}'`).join(', ');
  return (
    `times of ${names} are predicted from clock, vectors and cache: of ${times.heldOutDevices} devices never seen, ` +
    `half the times were within a factor of ${times.medianFactor.toFixed(2)}, nine in ten within ${times.p90Factor.toFixed(2)}`
  );
}
