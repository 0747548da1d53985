import { type DeviceId, type LosslessName, type Party, withoutLossless } from '@tandem/core';
import type { Deployment } from './deployment.ts';

/** Tensors are compressed only where sender and receiver have the compressor; elsewhere they go as they are packed. */
export function withAgreedLossless(
  deployment: Deployment,
  known: ReadonlyMap<DeviceId, readonly LosslessName[]>,
): Deployment {
  const has = (party: Party, name: LosslessName): boolean =>
    party !== null && known.get(party)?.includes(name) === true;
  const routes = deployment.routes.map((route) => {
    const { codec, from, to } = route;
    const { lossless } = codec;
    if (lossless === undefined || (has(from, lossless) && has(to, lossless))) return route;
    return { ...route, codec: withoutLossless(codec) };
  });
  return { ...deployment, routes };
}
