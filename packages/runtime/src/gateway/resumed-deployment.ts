import type { DeviceId } from '@tandem/core';
import type { SegmentSource } from '../segment/segment.ts';
import type { Deployment } from './deployment.ts';
import {
  devicesInOrder,
  isShared,
  type Recut,
  type Repairer,
  recutStages,
  type Suffix,
  suffixDeployment,
} from './repaired-deployment.ts';

export interface Resumption {
  /** Before the loss. */
  readonly former: Deployment;
  /** For requests to come: the same stages where it is not the former itself, or cut anew. */
  readonly whole: Deployment;
  readonly suffix: Suffix;
  readonly alive: ReadonlySet<DeviceId>;
  /** Where stages were loaded beside their own device. */
  readonly standBys: ReadonlyMap<number, DeviceId>;
}

interface Resumed {
  readonly deployment: Deployment;
  /** Those that it needs and `whole` does not. */
  readonly segments: ReadonlyMap<string, SegmentSource>;
}

/** What is left for requests that have come so far: the stages of `whole`, or, where that answers sooner, lost ones cut anew. */
export function resumedDeployment(from: Resumption, repairer: Repairer | undefined): Resumed {
  const { whole, suffix } = from;
  const recut = recutOf(from, repairer);
  if (recut === null) return { deployment: suffixDeployment(whole, suffix), segments: new Map() };
  const numbers = [...suffix.run].flatMap((stage) => {
    return recut.pieces.get(stage)?.map((piece) => piece.stage) ?? [stage];
  });
  const cut = suffixDeployment(recutStages(whole, recut), { ...suffix, run: new Set(numbers) });
  return { deployment: cut, segments: recut.segments };
}

/** Null where nothing was lost of what is left, or the search finds nothing better. */
function recutOf(
  { former, whole, suffix, alive, standBys }: Resumption,
  repairer: Repairer | undefined,
): Recut | null {
  if (isShared(former) || former.stages.length !== whole.stages.length || repairer?.recut === undefined)
    return null;
  const [before, devices] = [devicesInOrder(former), devicesInOrder(whole)];
  const moved = new Set([...devices.keys()].filter((stage) => devices[stage] !== before[stage]));
  const first = Math.min(...suffix.run);
  // A cut along the chain: all that is behind the first stage has to run.
  if (suffix.run.size !== devices.length - first || ![...suffix.run].some((stage) => moved.has(stage)))
    return null;
  const [holder = null] = suffix.holders.values();
  return repairer.recut({ first, holder, devices, moved, alive, standBys });
}
