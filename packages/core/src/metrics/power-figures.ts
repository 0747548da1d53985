import type { DeviceId } from '../cluster/cluster.ts';
import { drawOf } from '../cost/power.ts';
import type { Plan } from '../plan/plan.ts';
import { planWays } from '../plan/plan-ways.ts';
import type { Problem } from '../plan/problem.ts';

/** What devices and links draw: with a trace's times, its energy. */
export interface PowerFigures {
  /** Those that take part: others may be off. */
  readonly devices: readonly DevicePower[];
  readonly links: readonly LinkPower[];
}

export interface DevicePower {
  readonly device: DeviceId;
  /** Null where the cluster does not state them. */
  readonly watts: { readonly busyWatts: number; readonly idleWatts: number } | null;
}

export interface LinkPower {
  readonly from: DeviceId;
  readonly to: DeviceId;
  /** Drawn by the sender while it sends, and by the receiver, on top of the rest. */
  readonly transmitWatts: number;
  readonly receiveWatts: number;
}

/** The figures of the problem's cluster at the plan's clock rates, of the devices with stages, the source and the sink. */
export function powerFigures(problem: Problem, plan: Plan): PowerFigures {
  const { cluster, workload } = problem;
  const placed = planWays(problem, plan).ways.flatMap(({ stages }) => stages.map(({ device }) => device));
  const partakers = new Set([workload.source, workload.sink, ...placed]);
  const devices = cluster.devices
    .filter(({ id }) => partakers.has(id))
    .map((device): DevicePower => {
      const draw = drawOf(device, plan.frequency);
      if (draw === null) return { device: device.id, watts: null };
      const { staticWatts, dynamicWatts, idleWatts } = draw;
      return { device: device.id, watts: { busyWatts: staticWatts + dynamicWatts, idleWatts } };
    });
  const links = cluster.links.map(({ from, to, transmitWatts = 0, receiveWatts = 0 }) => {
    return { from, to, transmitWatts, receiveWatts };
  });
  return { devices, links };
}
