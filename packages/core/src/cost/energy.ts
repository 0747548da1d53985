import { type Joules, joules } from '../units.ts';
import type { Draw } from './power.ts';
import type { ProblemIndex } from './problem-index.ts';
import type { ResourceUses } from './resource-uses.ts';
import { sizedList } from './sized-list.ts';

/** What one request costs a device; the four parts add up to `energyJoules`. */
export interface DeviceEnergy {
  readonly energyJoules: Joules;
  /** Leakage while it computes. */
  readonly staticJoules: Joules;
  /** Switching while it computes. */
  readonly dynamicJoules: Joules;
  /** While it waits until the request has ended. */
  readonly idleJoules: Joules;
  /** Sending and receiving, where the links say what that draws. */
  readonly radioJoules: Joules;
}

/** By device that takes part, or why it cannot be told: never a guess for a device whose power is not known. */
export type Energy =
  | { readonly known: true; readonly energyJoules: Joules; readonly devices: readonly DeviceEnergy[] }
  | { readonly known: false; readonly reason: string };

/**
 * E = Σ over devices of (P_static + P_dyn(f)) busy + P_idle (latency − busy), plus Σ over links of (P_tx + P_rx) occupied
 * (COINFER; Mu et al. for the radio). Of a batch a request is charged its part. Loading parameters counts as being busy. Devices that take no part are not counted: they
 * may be off. `draws` is by position in the cluster, `partakers` are positions.
 */
export function energyOf(
  index: ProblemIndex,
  draws: readonly (Draw | null)[],
  partakers: readonly number[],
  uses: ResourceUses,
): Energy {
  if (!Number.isFinite(uses.latencySeconds))
    return { known: false, reason: 'The request never ends under this plan.' };
  const devices = sizedList<DeviceEnergy>(partakers.length);
  let sum = 0;
  for (let at = 0; at < partakers.length; at++) {
    const device = partakers[at] ?? 0;
    const draw = draws[device] ?? null;
    if (draw === null) return { known: false, reason: unknownPower(index, draws, partakers) };
    const energy = deviceEnergy(index, draw, uses, device);
    devices[at] = energy;
    sum += energy.energyJoules;
  }
  return { known: true, energyJoules: joules(sum), devices };
}

function deviceEnergy(index: ProblemIndex, draw: Draw, uses: ResourceUses, device: number): DeviceEnergy {
  const { busySeconds, othersSeconds } = uses.of(device);
  const radio = radioJoules(index, uses, device);
  const fixed = draw.staticWatts * busySeconds;
  const dynamic = draw.dynamicWatts * busySeconds;
  const idleSeconds = Math.max(0, uses.latencySeconds - busySeconds - othersSeconds);
  const idle = draw.idleWatts * idleSeconds;
  return {
    energyJoules: joules(fixed + dynamic + idle + radio),
    staticJoules: joules(fixed),
    dynamicJoules: joules(dynamic),
    idleJoules: joules(idle),
    radioJoules: joules(radio),
  };
}

/** What the device spends on the links that it sends and receives over. */
function radioJoules({ radios }: ProblemIndex, uses: ResourceUses, device: number): number {
  let sum = 0;
  for (let at = 0; at < uses.linkCount; at++) {
    const use = uses.links[at];
    const radio = use === undefined ? undefined : radios[use.link];
    if (use === undefined || radio === undefined) continue;
    if (radio.from === device) sum += radio.transmitWatts * use.busySeconds;
    if (radio.to === device) sum += radio.receiveWatts * use.busySeconds;
  }
  return sum;
}

function unknownPower(
  { problem }: ProblemIndex,
  draws: readonly (Draw | null)[],
  partakers: readonly number[],
): string {
  const unknown = partakers.filter((device) => (draws[device] ?? null) === null);
  const names = unknown.map((device) => `'${problem.cluster.devices[device]?.id}'`);
  return `The cluster does not state the power of ${names.join(', ')}.`;
}
