import type { DeviceId } from '../cluster/cluster.ts';
import type { Plan } from '../plan/plan.ts';
import type { Problem } from '../plan/problem.ts';
import { type Joules, joules } from '../units.ts';
import { drawOf } from './power.ts';

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

/** How long each part of one request occupies the devices and links, in seconds. */
export interface Occupancy {
  /** Devices that take part, in the cluster's order. */
  readonly devices: readonly { readonly device: DeviceId; readonly busySeconds: number }[];
  readonly links: readonly { readonly from: DeviceId; readonly to: DeviceId; readonly busySeconds: number }[];
  readonly latencySeconds: number;
}

/** By device, or why it cannot be told: never a guess for a device whose power is not known. */
export type Energy =
  | {
      readonly known: true;
      readonly energyJoules: Joules;
      readonly devices: ReadonlyMap<DeviceId, DeviceEnergy>;
    }
  | { readonly known: false; readonly reason: string };

/**
 * E = Σ over devices of (P_static + P_dyn(f)) busy + P_idle (latency − busy), plus Σ over links of (P_tx + P_rx) occupied
 * (COINFER; Mu et al. for the radio). Devices that take no part are not counted: they may be off.
 */
export function energyOf(problem: Problem, frequency: Plan['frequency'], occupancy: Occupancy): Energy {
  if (!Number.isFinite(occupancy.latencySeconds))
    return { known: false, reason: 'The request never ends under this plan.' };
  const radio = radioJoules(problem, occupancy);
  const devices = new Map<DeviceId, DeviceEnergy>();
  const unknown: DeviceId[] = [];
  let sum = 0;
  for (const { device, busySeconds } of occupancy.devices) {
    const row = problem.cluster.devices.find(({ id }) => id === device);
    const draw = row === undefined ? null : drawOf(row, frequency);
    if (draw === null) {
      unknown.push(device);
      continue;
    }
    const idle = draw.idleWatts * Math.max(0, occupancy.latencySeconds - busySeconds);
    const energy = deviceEnergy(
      draw.staticWatts * busySeconds,
      draw.dynamicWatts * busySeconds,
      idle,
      radio.get(device) ?? 0,
    );
    devices.set(device, energy);
    sum += energy.energyJoules;
  }
  if (unknown.length === 0) return { known: true, energyJoules: joules(sum), devices };
  return {
    known: false,
    reason: `The cluster does not state the power of ${unknown.map((id) => `'${id}'`).join(', ')}.`,
  };
}

function deviceEnergy(statics: number, dynamic: number, idle: number, radio: number): DeviceEnergy {
  return {
    energyJoules: joules(statics + dynamic + idle + radio),
    staticJoules: joules(statics),
    dynamicJoules: joules(dynamic),
    idleJoules: joules(idle),
    radioJoules: joules(radio),
  };
}

function radioJoules({ cluster }: Problem, { links }: Occupancy): Map<DeviceId, number> {
  const sums = new Map<DeviceId, number>();
  const add = (device: DeviceId, energy: number): void => {
    sums.set(device, (sums.get(device) ?? 0) + energy);
  };
  for (const { from, to, busySeconds } of links) {
    const link = cluster.links.find((row) => row.from === from && row.to === to);
    add(from, (link?.transmitWatts ?? 0) * busySeconds);
    add(to, (link?.receiveWatts ?? 0) * busySeconds);
  }
  return sums;
}
